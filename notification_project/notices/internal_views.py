"""What peers have people told, and what user-service asks for its dashboard."""

from shared.contracts.notification import (
    GetNotificationSummary,
    NoticeSent,
    NotificationSummary,
    SendNotice,
    UnreadNotice,
    get_notification_summary,
    send_notice,
)
from shared.server.serves import Caller, serves

from . import services
from .models import Notice

MOST_UNREAD = 5


@serves(send_notice)
def send(request: SendNotice, caller: Caller) -> NoticeSent:
    notice = services.send_notice(order=request, sender=caller.service)
    if notice is None:
        return NoticeSent(success=True, suppressed=True, reason="opted_out")
    return NoticeSent(success=True, notification_id=notice.id)


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
