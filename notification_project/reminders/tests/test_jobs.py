"""What the worker makes of reminders: each occurrence once, whatever happens."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notification_project.notices import services as notices_services
from notification_project.notices.models import Notice
from notification_project.reminders.jobs import fire_reminders as job
from notification_project.reminders.models import Reminder
from notification_project.reminders.services import (
    BATCHES_AT_ONCE,
    TOLERANCE,
    fire_batch,
)

from .reminding import (
    again,
    fire,
    make_reader,
    make_reminder,
    notices,
    utc,
)

SECOND = timedelta(seconds=1)
EIGHT = utc("2026-03-10T08:00")


@pytest.mark.django_db
def test_a_reminder_comes_when_it_is_due_and_once():
    reminder = make_reminder()

    counts = [fire(EIGHT - SECOND), fire(EIGHT), fire(EIGHT), fire(EIGHT + SECOND)]

    assert counts == [0, 1, 0, 0]
    assert notices() == [f"reminder:{reminder.pk}:2026-03-10T08:00Z"]
    notice = Notice.objects.get()
    assert (notice.user_id, notice.type) == (reminder.user_id, "reminder")
    assert notice.text("en").title == "Time to study"
    assert notice.text("vi").title == "Đã đến giờ học"
    stored = again(reminder)
    assert (stored.last_due_at, stored.last_outcome) == (EIGHT, "sent")
    assert stored.next_due_at == EIGHT + timedelta(days=1)


@pytest.mark.django_db
def test_a_reminder_may_bring_its_own_text():
    make_reminder(title="Part 3", message="Speak for two minutes.")

    fire(EIGHT)

    text = Notice.objects.get().text("vi")
    assert (text.title, text.message) == ("Part 3", "Speak for two minutes.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "local_time", "expected"),
    [
        # Clocks go forward on the 29th of March, back on the 25th of October.
        ("Europe/Berlin", "08:00", ["03-28T07:00", "03-29T06:00", "03-30T06:00"]),
        ("Europe/Berlin", "02:30", ["03-28T01:30", "03-29T01:30", "03-30T00:30"]),
        ("Europe/Berlin", "02:30", ["10-24T00:30", "10-25T00:30", "10-26T01:30"]),
        # Forward on the 8th of March, back on the 1st of November.
        ("America/New_York", "02:30", ["03-07T07:30", "03-08T07:30", "03-09T06:30"]),
        ("America/New_York", "01:30", ["10-31T05:30", "11-01T05:30", "11-02T06:30"]),
        # Never.
        ("Asia/Ho_Chi_Minh", "08:00", ["03-28T01:00", "03-29T01:00", "03-30T01:00"]),
    ],
)
def test_three_days_around_a_change_of_clocks_are_three_notices(
    zone, local_time, expected
):
    began = utc(f"2026-{expected[0][:5]}T00:00")
    reminder = make_reminder(
        make_reader(zone), now=began, local_time=time.fromisoformat(local_time)
    )

    # A worker that looks every quarter of an hour.
    for quarters in range(3 * 24 * 4):
        fire(began + timedelta(minutes=15 * quarters))

    assert notices() == [f"reminder:{reminder.pk}:2026-{when}Z" for when in expected]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("back_at", "told", "outcome"),
    [
        (EIGHT + TOLERANCE, ["2026-03-10T08:00Z"], "sent"),
        (EIGHT + TOLERANCE + SECOND, [], "missed"),
        (EIGHT + timedelta(days=30, hours=1), ["2026-04-09T08:00Z"], "sent"),
        (EIGHT + timedelta(days=30, hours=9), [], "missed"),
    ],
)
def test_of_what_a_worker_missed_only_the_last_and_only_soon(back_at, told, outcome):
    reminder = make_reminder()

    counts = [fire(back_at), fire(back_at)]

    assert counts == [1, 0]
    assert notices() == [f"reminder:{reminder.pk}:{when}" for when in told]
    stored = again(reminder)
    assert stored.last_outcome == outcome
    assert back_at < stored.next_due_at <= back_at + timedelta(days=1)


def test_a_crash_between_the_notice_and_the_next_occurrence_leaves_neither(
    crash_before,
):
    reminder = make_reminder()

    with crash_before('UPDATE "reminders_reminder"'):
        fire(EIGHT)

    assert notices() == []
    assert again(reminder).next_due_at == EIGHT
    assert [fire(EIGHT + SECOND), fire(EIGHT + SECOND)] == [1, 0]
    assert len(notices()) == 1


@pytest.mark.django_db
def test_an_occurrence_is_told_once_even_if_it_comes_again():
    reminder = make_reminder()
    fire(EIGHT)

    # As after a clock that was set back, or a database that was restored.
    Reminder.objects.filter(pk=reminder.pk).update(next_due_at=EIGHT)

    assert fire(EIGHT + SECOND) == 1
    assert len(notices()) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_tell_each_occurrence_once():
    for _ in range(120):
        make_reminder()
    workers = 4
    barrier = threading.Barrier(workers)

    def work(_):
        try:
            barrier.wait(timeout=30)
            taken = 0
            while count := fire(EIGHT):
                taken += count
            return taken
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        taken = list(pool.map(work, range(workers)))

    assert sum(taken) == 120
    assert len(notices()) == len(set(notices())) == 120
    assert not Reminder.objects.due(EIGHT).exists()


@pytest.mark.django_db
def test_who_does_not_want_reminders_is_not_told_but_the_reminder_goes_on():
    reminder = make_reminder()
    notices_services.choose(
        user_id=reminder.user_id,
        choices={"reminder": {"in_app": False, "email": False}},
    )

    fire(EIGHT)

    stored = again(reminder)
    assert notices() == []
    assert stored.last_outcome == "suppressed"
    assert stored.next_due_at == EIGHT + timedelta(days=1)


@pytest.mark.django_db
def test_a_text_that_is_refused_does_not_hold_up_the_others():
    refused, other = make_reminder(), make_reminder()
    # As no door lets it in.
    Reminder.objects.filter(pk=refused.pk).update(title=" ")

    assert fire(EIGHT) == 2

    assert again(refused).last_outcome == "refused"
    assert again(refused).next_due_at == EIGHT + timedelta(days=1)
    assert notices() == [f"reminder:{other.pk}:2026-03-10T08:00Z"]


@pytest.mark.django_db
def test_a_reminder_that_is_off_does_not_come():
    reminder = make_reminder(is_enabled=False)

    assert fire(EIGHT + timedelta(days=1)) == 0
    assert reminder.next_due_at is None


@pytest.mark.django_db
def test_each_reminder_of_a_batch_costs_the_same():
    costs = []

    for count in (5, 10, 15):
        for _ in range(count):
            make_reminder()
        with CaptureQueriesContext(connection) as queries:
            assert fire_batch(clock=lambda: EIGHT) == count
        costs.append(len(queries))

    assert costs[2] - costs[1] == costs[1] - costs[0] <= 5 * 20


@pytest.mark.django_db
def test_one_run_of_the_job_is_bounded(monkeypatch):
    monkeypatch.setattr("notification_project.reminders.services.BATCH", 2)
    for _ in range(2):
        user_id = make_reader()
        for _ in range(11):
            make_reminder(user_id)

    assert [fire(EIGHT), fire(EIGHT), fire(EIGHT)] == [2 * BATCHES_AT_ONCE, 2, 0]


@pytest.mark.django_db
def test_the_job_of_the_worker_uses_the_clock_of_today():
    now = timezone.now()
    make_reminder(now=now - timedelta(days=2))

    assert job() == 1
    assert Reminder.objects.get().next_due_at > now
