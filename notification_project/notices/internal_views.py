"""What peers have people told, and what user-service asks for its dashboard."""

from shared.contracts.notification import (
    GetNotificationSummary,
    NoticeResult,
    NoticeSent,
    NoticesSent,
    NotificationSummary,
    SendNotice,
    SendNotices,
    UnreadNotice,
    get_notification_summary,
    send_notice,
    send_notices,
)
from shared.server.serves import Caller, serves

from . import services
from .models import Notice

MOST_UNREAD = 5

OPTED_OUT = "opted_out"


@serves(send_notice)
def send(request: SendNotice, caller: Caller) -> NoticeSent:
    notice = services.send_notice(order=request, sender=caller.service)
    if notice is None:
        return NoticeSent(success=True, suppressed=True, reason=OPTED_OUT)
    return NoticeSent(success=True, notification_id=notice.id)


@serves(send_notices)
def send_bulk(request: SendNotices, caller: Caller) -> NoticesSent:
    sent = services.send_notices(order=request, sender=caller.service)
    return NoticesSent(
        success=True,
        results=[
            NoticeResult(user_id=user_id, notification_id=notice.id)
            if notice
            else NoticeResult(user_id=user_id, suppressed=True, reason=OPTED_OUT)
            for user_id, notice in sent.items()
        ],
    )


@serves(get_notification_summary)
def summary(request: GetNotificationSummary, caller: Caller) -> NotificationSummary:
    unread = Notice.objects.of_reader(request.user_id).unread()
    return NotificationSummary(
        unread_count=unread.count(),
        latest_unread=[_unread(notice) for notice in unread[:MOST_UNREAD]],
    )


def _unread(notice: Notice) -> UnreadNotice:
    return UnreadNotice(
        notification_id=notice.pk,
        type=notice.type,
        category=notice.category,
        created_at=notice.created_at,
    )
