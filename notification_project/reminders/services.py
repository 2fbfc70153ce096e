"""Keep reminders, and tell people when they come: each occurrence once."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from notification_project.notices.models import Reader
from notification_project.notices.services import send_notice
from shared.contracts.events import ProfileUpdated
from shared.contracts.notification import SendNotice
from shared.inbox.locks import lock_in_transaction
from shared.wire.errors import DomainError

from .errors import (
    MessageWithoutTitleError,
    ReminderNotFoundError,
    TooManyRemindersError,
)
from .models import Reminder

Clock = Callable[[], datetime]
MOST_PER_PERSON = 20
# What a worker finds later than this is no help any more.
TOLERANCE = timedelta(hours=2)
BATCH = 50  # reminders of one short transaction
BATCHES_AT_ONCE = 10  # in one run of the job; the other jobs wait for it
_DECIDES_WHEN = {"weekdays", "local_time", "is_enabled"}

logger = logging.getLogger(__name__)


@transaction.atomic
def create_reminder(
    *, user_id: UUID, values: Mapping[str, object], clock: Clock = timezone.now
) -> Reminder:
    """Add a reminder in the zone of its reader; there are at most 20 of a person."""
    _lock(user_id)
    if Reminder.objects.of_reader(user_id).count() >= MOST_PER_PERSON:
        raise TooManyRemindersError
    zones = Reader.objects.filter(pk=user_id).values_list("timezone", flat=True)
    reminder = Reminder(user_id=user_id, timezone=zones.first() or "UTC", **values)
    _check_text(reminder)
    reminder.schedule(clock())
    reminder.save()
    return reminder


@transaction.atomic
def change_reminder(
    *,
    user_id: UUID,
    reminder_id: UUID,
    changes: Mapping[str, object],
    clock: Clock = timezone.now,
) -> Reminder:
    """Change what is named; another time, or switching it on, counts from now."""
    own = Reminder.objects.of_reader(user_id).filter(pk=reminder_id)
    reminder = own.select_for_update().first()
    if reminder is None:
        raise ReminderNotFoundError
    is_other_time = any(
        changes[name] != getattr(reminder, name)
        for name in _DECIDES_WHEN & changes.keys()
    )
    for name, value in changes.items():
        setattr(reminder, name, value)
    _check_text(reminder)
    if is_other_time:
        reminder.schedule(clock())
    reminder.save()
    return reminder


def delete_reminder(*, user_id: UUID, reminder_id: UUID) -> None:
    """Delete a reminder; its notices stay."""
    own = Reminder.objects.of_reader(user_id).filter(pk=reminder_id)
    count, _ = own.delete()
    if not count:
        raise ReminderNotFoundError


@transaction.atomic
def follow_zone(*, event: ProfileUpdated, clock: Clock = timezone.now) -> None:
    """Move a person's reminders to their newest zone.

    What is due by now stays due: a change of zone loses no occurrence.
    """
    _lock(event.user_id)
    zone = _newest_zone(event)
    now = clock()
    own = Reminder.objects.of_reader(event.user_id).exclude(timezone=zone)
    for reminder in own.select_for_update():
        reminder.timezone = zone
        if reminder.is_enabled and reminder.next_due_at > now:
            reminder.schedule(now)
        reminder.save()


def fire_reminders(*, clock: Clock = timezone.now) -> int:
    """Tell people of reminders that are due; return how many came."""
    done = 0
    for _ in range(BATCHES_AT_ONCE):
        count = fire_batch(clock=clock)
        done += count
        if count < BATCH:
            break
    return done


@transaction.atomic
def fire_batch(*, clock: Clock = timezone.now) -> int:
    """Tell people of one batch of reminders that are due; return how many came.

    The notice and the next occurrence are one transaction, and another worker takes
    other rows, so that an occurrence is told once. Of all that a reminder has missed
    only the last counts, and only within the tolerance.
    """
    now = clock()
    due = Reminder.objects.due(now).select_for_update(skip_locked=True)
    # By person, as broadcasts go: no two jobs wait for each other's notices in a ring.
    reminders = sorted(due[:BATCH], key=lambda reminder: reminder.user_id)
    for reminder in reminders:
        due_at = reminder.due_until(now)
        outcome = _tell(reminder, due_at, now)
        reminder.settle(due_at=due_at, outcome=outcome, at=now)
        reminder.save(update_fields=["last_due_at", "last_outcome", "next_due_at"])
    return len(reminders)


def _tell(reminder: Reminder, due_at: datetime, now: datetime) -> str:
    if now - due_at > TOLERANCE:
        return Reminder.Outcome.MISSED
    try:
        notice = send_notice(order=_order(reminder, due_at), sender=settings.SERVICE)
    except DomainError as error:
        # It must not hold up the reminders of others: the admin shows it.
        logger.warning(
            "reminder refused",
            extra={"reminder": str(reminder.pk), "code": error.code},
        )
        return Reminder.Outcome.REFUSED
    return Reminder.Outcome.SENT if notice else Reminder.Outcome.SUPPRESSED


@transaction.atomic
def erase_reminders(*, user_id: UUID) -> None:
    """Delete what an erased person wanted to be reminded of."""
    Reminder.objects.filter(user_id=user_id).delete()


def _order(reminder: Reminder, due_at: datetime) -> SendNotice:
    text = (
        {"title": reminder.title, "message": reminder.message}
        if reminder.title
        else {"template": "study_reminder"}
    )
    return SendNotice(
        user_id=reminder.user_id,
        type="reminder",
        dedupe=f"reminder:{reminder.pk}:{due_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}",
        **text,
    )


def _check_text(reminder: Reminder) -> None:
    if reminder.message and not reminder.title:
        raise MessageWithoutTitleError


def _newest_zone(event: ProfileUpdated) -> str:
    """Return the zone that counts once the reader has learnt of *event*, too."""
    reader = Reader.objects.filter(
        pk=event.user_id, profile_updated_at__gte=event.updated_at
    ).first()
    return reader.timezone if reader else event.timezone


def _lock(user_id: UUID) -> None:
    """Make what adds reminders and what moves them wait for each other."""
    lock_in_transaction("reminders", str(user_id))
