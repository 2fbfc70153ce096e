"""Reminders: once a day, at the learner's time, to those who have not studied."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection

from shared.contracts.notification import send_notice
from shared.contracts.user import UpdateProgress
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile
from user_project.profiles.services import update_profile
from user_project.progress.services import add_progress
from user_project.reminders.services import remind_learners

ZONE = "Asia/Ho_Chi_Minh"
MORNING = datetime(2026, 3, 10, 1, tzinfo=UTC)  # eight o'clock in Vietnam
EVENING = datetime(2026, 3, 10, 12, tzinfo=UTC)  # seven o'clock, the default
CLAIMS = {"email": "ana@example.com", "role": "student", "full_name": "Ana"}


def choose(user_id, at=MORNING, **changes):
    return update_profile(
        user_id=user_id, claims=CLAIMS, changes=changes, clock=lambda: at
    )


@pytest.fixture
def ana(db):
    """Return the id of a learner in Vietnam who wants to be reminded at seven."""
    user_id = uuid7()
    choose(user_id, timezone=ZONE, study_reminders=True)
    return user_id


def study(user_id, at):
    update = UpdateProgress(user_id=user_id, lessons_completed=1, occurred_at=at)
    add_progress(update=update, clock=lambda: at)


def remind(at):
    return remind_learners(clock=lambda: at)


def days_reminded():
    """Return the days of the reminders in the outbox, in order."""
    calls = OutboxMessage.objects.filter(kind="call", type=send_notice.name)
    orders = [json.loads(call.payload) for call in calls.order_by("position")]
    return [order["dedupe"].removeprefix("day_without_study:") for order in orders]


def test_a_learner_is_reminded_at_their_time_once(ana):
    too_early = remind(EVENING - timedelta(seconds=1))
    on_time = [remind(EVENING), remind(EVENING + timedelta(hours=1))]

    assert (too_early, on_time) == (0, [1, 0])
    assert days_reminded() == ["2026-03-10"]


def test_the_next_day_there_is_another(ana):
    remind(EVENING)
    remind(EVENING + timedelta(days=1))

    assert days_reminded() == ["2026-03-10", "2026-03-11"]


def test_whoever_has_studied_today_hears_nothing(ana):
    study(ana, MORNING)

    remind(EVENING)
    after_study = days_reminded()
    remind(EVENING + timedelta(days=1))

    assert after_study == []
    assert days_reminded() == ["2026-03-11"]


def test_study_of_yesterday_is_not_of_today(ana):
    # Eleven in the evening of the day before, where the learner lives.
    study(ana, datetime(2026, 3, 9, 16, tzinfo=UTC))

    remind(EVENING)

    assert days_reminded() == ["2026-03-10"]


def test_a_reminder_that_is_late_by_a_day_is_left_out(ana):
    until_midnight = timedelta(hours=5)

    remind(EVENING + until_midnight)

    assert days_reminded() == []
    assert Profile.objects.get().study_reminder_due_at == EVENING + timedelta(days=1)


def test_nobody_is_reminded_who_did_not_ask(db):
    choose(uuid7(), timezone=ZONE, study_reminder_time=time(7))

    assert remind(EVENING + timedelta(days=3)) == 0


def test_whoever_has_had_enough_is_not_reminded(ana):
    choose(ana, study_reminders=False)

    assert remind(EVENING + timedelta(days=3)) == 0


def test_a_move_to_another_zone_moves_the_reminder(ana):
    choose(ana, timezone="Europe/Berlin")

    reminded = [remind(EVENING), remind(EVENING + timedelta(hours=6))]

    assert reminded == [0, 1]


def test_an_edit_of_something_else_leaves_a_due_reminder_alone(ana):
    choose(ana, at=EVENING + timedelta(minutes=1), bio="Still here")

    assert remind(EVENING + timedelta(minutes=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_remind_once():
    user_id = uuid7()
    choose(user_id, timezone=ZONE, study_reminders=True)
    barrier = threading.Barrier(4)

    def run(_):
        try:
            barrier.wait(timeout=30)
            return remind(EVENING)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        reminded = list(pool.map(run, range(4)))

    assert sum(reminded) == 1
    assert days_reminded() == ["2026-03-10"]
