"""What the tests of broadcasts do again and again."""

from datetime import UTC, datetime

from notification_project.broadcasts import services
from notification_project.broadcasts.models import Broadcast
from notification_project.notices.models import Notice, Preference, Reader
from shared.contracts.events import EnrollmentCreated
from shared.wire.ids import uuid7

BROADCASTS = "/api/v1/notifications/broadcasts"
TEXT = {
    "type": "system",
    "category": "warning",
    "title": "Maintenance",
    "message": "On Sunday from 2 to 3.",
}


def make_readers(count, role="student"):
    """Store *count* readers; return their ids in order."""
    readers = Reader.objects.bulk_create(
        Reader(user_id=uuid7(), role=role) for _ in range(count)
    )
    return sorted(reader.user_id for reader in readers)


def make_broadcast(audience="all", **values):
    """Make a broadcast, to everybody unless *values* say otherwise."""
    return services.create_broadcast(
        created_by=uuid7(), values={"audience": audience, **TEXT, **values}
    )


def opt_out(user_ids, type_="system"):
    """Let some people not want a type of notice, by any channel."""
    Preference.objects.bulk_create(
        Preference(user_id=user_id, type=type_, channel=channel, is_enabled=False)
        for user_id in user_ids
        for channel in Preference.Channel.values
    )


def send_all():
    """Do what the worker does until nothing is left; return how many it told."""
    done = 0
    while count := services.send_broadcasts():
        done += count
    return done


def told(broadcast):
    """Return who has notices of a broadcast, in order, each as often as there are."""
    own = Notice.objects.filter(dedupe=f"broadcast:{broadcast.pk}")
    return sorted(own.values_list("user_id", flat=True))


def again(broadcast):
    """Return a broadcast as it is stored now."""
    return Broadcast.objects.get(pk=broadcast.pk)


def enrolled(user_id, course_id):
    """Return the fact that a person takes a course."""
    return EnrollmentCreated(
        user_id=user_id,
        enrollment_id=uuid7(),
        course_id=course_id,
        course_title="Reading with purpose",
        enrolled_at=datetime(2026, 3, 10, 8, tzinfo=UTC),
    )
