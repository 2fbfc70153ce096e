"""What the tests of reminders do again and again."""

from datetime import UTC, datetime, time

from notification_project.notices.models import Notice, Reader
from notification_project.reminders import services
from notification_project.reminders.models import Reminder
from notification_project.reminders.recurrence import WEEKDAYS
from shared.contracts.events import ProfileUpdated
from shared.wire.ids import uuid7

REMINDERS = "/api/v1/notifications/reminders"
DAILY = list(WEEKDAYS)
# A Tuesday in winter.
MORNING = datetime(2026, 3, 10, 6, tzinfo=UTC)


def utc(text):
    """Return a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(moment):
    """Return a clock that stands at *moment*."""
    return lambda: moment


def make_reader(timezone="UTC", **fields):
    """Store a reader in a zone; return the user id."""
    user_id = uuid7()
    Reader.objects.create(user_id=user_id, timezone=timezone, **fields)
    return user_id


def make_reminder(user_id=None, *, now=MORNING, **values):
    """Make a daily reminder at eight, as its reader would at *now*."""
    return services.create_reminder(
        user_id=user_id or make_reader(),
        values={
            "weekdays": DAILY,
            "local_time": time(8),
            **values,
        },
        clock=at(now),
    )


def fire(moment):
    """Let the worker look at *moment*; return how many reminders it took."""
    return services.fire_reminders(clock=at(moment))


def notices():
    """Return the dedupe of all notices, in the order in which they were made."""
    return list(Notice.objects.order_by("created_at").values_list("dedupe", flat=True))


def again(reminder):
    """Return a reminder as it is stored now."""
    return Reminder.objects.get(pk=reminder.pk)


def moved(user_id, timezone, updated_at=MORNING):
    """Return the fact that a person's profile has another zone."""
    return ProfileUpdated(
        user_id=user_id,
        display_name="Ana",
        locale="en",
        timezone=timezone,
        visibility="public",
        updated_at=updated_at,
    )
