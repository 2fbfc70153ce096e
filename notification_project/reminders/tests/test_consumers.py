"""Reminders follow their reader to another zone, whatever the order of the news."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notification_project.notices.models import Reader
from notification_project.reminders import services
from notification_project.reminders.consumers import on_profile_updated
from shared.contracts.events import ProfileUpdated
from shared.inbox.consumers import consumers_of
from shared.wire.events import event_type_of

from .reminding import (
    MORNING,
    again,
    at,
    fire,
    make_reader,
    make_reminder,
    moved,
    notices,
    utc,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_a_change_of_zone_moves_the_next_occurrence(deliver):
    user_id, now = make_reader("America/New_York"), timezone.now()
    reminder = make_reminder(user_id, now=now)
    off = make_reminder(user_id, now=now, is_enabled=False)
    of_somebody_else = make_reminder(make_reader("America/New_York"), now=now)

    assert deliver(moved(user_id, "Asia/Ho_Chi_Minh")).status_code == 200

    stored = again(reminder)
    assert stored.timezone == "Asia/Ho_Chi_Minh"
    assert f"{stored.next_due_at:%H:%M}" == "01:00"
    assert now < stored.next_due_at < now + timedelta(days=1, minutes=1)
    assert (again(off).timezone, again(off).next_due_at) == (stored.timezone, None)
    assert again(of_somebody_else).next_due_at == of_somebody_else.next_due_at


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 1, 1, 2, 0, 2]])
def test_the_newest_zone_counts_in_whatever_order_it_is_told(deliver, order):
    user_id = make_reader("UTC")
    reminder = make_reminder(user_id, now=timezone.now())
    story = [
        moved(user_id, zone, MORNING + number * HOUR)
        for number, zone in enumerate(
            ["Europe/Berlin", "America/New_York", "Asia/Ho_Chi_Minh"]
        )
    ]

    for number in order:
        assert deliver(story[number]).status_code == 200

    assert again(reminder).timezone == "Asia/Ho_Chi_Minh"
    assert Reader.objects.get(pk=user_id).timezone == "Asia/Ho_Chi_Minh"


def test_news_of_the_language_alone_moves_nothing(deliver):
    user_id = make_reader("UTC")
    reminder = make_reminder(user_id, now=timezone.now())

    deliver(moved(user_id, "UTC"))

    assert again(reminder).updated_at == reminder.updated_at


def test_what_is_due_stays_due_when_its_reader_moves():
    user_id = make_reader("Europe/Berlin")
    make_reminder(user_id, now=MORNING)
    seven = utc("2026-03-10T07:00")  # eight in Berlin

    services.follow_zone(
        event=moved(user_id, "America/New_York"), clock=at(seven + HOUR)
    )

    assert fire(seven + HOUR) == 1
    assert [name[-17:] for name in notices()] == ["2026-03-10T07:00Z"]
    # Eight in New York is still to come on this day.
    assert fire(utc("2026-03-10T12:00")) == 1
    assert len(notices()) == 2


def test_a_profile_moves_its_reminders_before_it_locks_its_reader():
    first, *_ = consumers_of(event_type_of(ProfileUpdated))

    assert first is on_profile_updated
