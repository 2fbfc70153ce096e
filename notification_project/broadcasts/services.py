"""Tell many people the same, in chunks; remember who takes which course."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notification_project.notices.services import check_order, send_notices
from shared.contracts.events import EnrollmentCreated
from shared.contracts.notification import NoticeAction, SendNotices
from shared.wire.ids import NOBODY

from .errors import BroadcastFinishedError, BroadcastNotFoundError
from .models import Broadcast, CourseMember

Clock = Callable[[], datetime]
CHUNK = 100  # people of one transaction, which holds SQLite's only write lock
CHUNKS_AT_ONCE = 10  # in one run of the job; the other jobs wait for it


@transaction.atomic
def create_broadcast(
    *, created_by: UUID, values: Mapping[str, object], clock: Clock = timezone.now
) -> Broadcast:
    """Store a broadcast for the worker to send; refuse what could not be shown."""
    broadcast = Broadcast(created_by=created_by, created_at=clock(), **values)
    check_broadcast(broadcast=broadcast)
    broadcast.total = broadcast.people().count()
    broadcast.save(force_insert=True)
    return broadcast


def check_broadcast(*, broadcast: Broadcast) -> None:
    """Raise the refusal that each of its notices would meet, whoever reads it."""
    check_order(order=_order(broadcast, []))


@transaction.atomic
def cancel_broadcast(*, broadcast_id: UUID, clock: Clock = timezone.now) -> Broadcast:
    """Tell nobody else; what was sent stays."""
    broadcast = Broadcast.objects.select_for_update().filter(pk=broadcast_id).first()
    if broadcast is None:
        raise BroadcastNotFoundError
    if not broadcast.is_open:
        raise BroadcastFinishedError
    broadcast.state = Broadcast.State.CANCELLED
    broadcast.finished_at = clock()
    broadcast.save(update_fields=["state", "finished_at"])
    return broadcast


def send_broadcasts(*, clock: Clock = timezone.now) -> int:
    """Send some chunks; return how many people's turn it was."""
    done = 0
    for _ in range(CHUNKS_AT_ONCE):
        count = send_chunk(clock=clock)
        if not count:
            break
        done += count
    return done


@transaction.atomic
def send_chunk(*, clock: Clock = timezone.now) -> int:
    """Send the next chunk of the oldest broadcast; return of how many people.

    Notices, counts and cursor are one transaction: after a crash the next worker
    begins where the last whole chunk ended. Another worker takes another broadcast.
    """
    claimed = Broadcast.objects.open().select_for_update(skip_locked=True)
    broadcast = claimed.first()
    if broadcast is None:
        return 0
    user_ids = list(broadcast.people_left()[:CHUNK])
    notices = send_notices(order=_order(broadcast, user_ids), sender=settings.SERVICE)
    broadcast.take_chunk(
        user_ids,
        sent=sum(notice is not None for notice in notices.values()),
        is_last=len(user_ids) < CHUNK,
        at=clock(),
    )
    broadcast.save()
    return len(user_ids)


@transaction.atomic
def learn_enrollment(*, event: EnrollmentCreated) -> None:
    """Remember who takes a course, however often and late it is told."""
    CourseMember.objects.get_or_create(
        course_id=event.course_id,
        user_id=event.user_id,
        defaults={"enrolled_at": event.enrolled_at},
    )


@transaction.atomic
def erase_person(*, user_id: UUID) -> None:
    """Forget what an erased person took; what they wrote to all is nobody's."""
    CourseMember.objects.filter(user_id=user_id).delete()
    Broadcast.objects.filter(created_by=user_id).update(created_by=NOBODY)
    # Nobody stands between the two: who comes next stays the same.
    before = UUID(int=user_id.int - 1)
    Broadcast.objects.filter(cursor=user_id).update(cursor=before)


def _order(broadcast: Broadcast, user_ids: list[UUID]) -> SendNotices:
    action = broadcast.action
    return SendNotices(
        user_ids=user_ids,
        type=broadcast.type,
        category=broadcast.category,
        title=broadcast.title,
        message=broadcast.message,
        action=NoticeAction(**action) if action else None,
        dedupe=f"broadcast:{broadcast.pk}",
    )
