"""Standings as they are kept: by the week and month in which things happened."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from shared.contracts.user import UpdateProgress, UpdateStatistics
from shared.wire.ids import uuid7
from user_project.leaderboard import services
from user_project.leaderboard.models import Standing
from user_project.progress.models import Progress
from user_project.progress.services import (
    add_practice,
    add_progress,
    count_study,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
MONDAY, MARCH = date(2026, 3, 9), date(2026, 3, 1)
DAY = timedelta(days=1)


def study(user_id, moment=NOON, **increments):
    add_progress(
        update=UpdateProgress(user_id=user_id, occurred_at=moment, **increments),
        clock=lambda: NOON,
    )


def standings():
    rows = Standing.objects.order_by("starts_on", "period")
    return [
        (
            row.period,
            row.starts_on,
            row.points,
            row.study_minutes,
            row.lessons_completed,
            row.exercises_completed,
        )
        for row in rows
    ]


@pytest.mark.django_db
def test_study_and_points_count_for_the_week_and_the_month():
    user_id = uuid7()

    study(user_id, lessons_completed=1, study_minutes=20)
    study(user_id, NOON + DAY, exercises_completed=1, study_minutes=5)

    assert standings() == [
        ("month", MARCH, 20, 25, 1, 1),
        ("week", MONDAY, 20, 25, 1, 1),
    ]


@pytest.mark.django_db
def test_late_study_counts_where_it_happened_and_its_points_where_they_were_given():
    user_id = uuid7()

    study(user_id, NOON - 9 * DAY, lessons_completed=1, study_minutes=20)
    study(user_id, datetime(2026, 3, 1, 23, 59, tzinfo=UTC), study_minutes=5)
    study(user_id, datetime(2026, 2, 28, 23, 59, tzinfo=UTC), study_minutes=7)

    assert standings() == [
        ("month", date(2026, 2, 1), 0, 7, 0, 0),
        ("week", date(2026, 2, 23), 0, 32, 1, 0),
        ("month", MARCH, 10, 25, 1, 0),
        ("week", MONDAY, 10, 0, 0, 0),
    ]


@pytest.mark.django_db
def test_points_of_a_practice_count_too():
    add_practice(
        update=UpdateStatistics(
            user_id=uuid7(), skill="reading", score_percent=80, band=7.5
        ),
        clock=lambda: NOON,
    )

    assert [row[:3] for row in standings()] == [
        ("month", MARCH, 300),
        ("week", MONDAY, 300),
    ]


@pytest.mark.django_db
def test_study_without_a_moment_counts_for_the_week_of_now():
    with transaction.atomic():
        progress = Progress.objects.locked(uuid7())
        count_study(
            progress=progress,
            day=NOON.date() + DAY,  # already, in the learner's zone
            study_minutes=15,
            clock=lambda: NOON,
        )

    assert standings() == [("month", MARCH, 0, 15, 0, 0), ("week", MONDAY, 0, 15, 0, 0)]
    assert Progress.objects.get().last_streak_days == 1


@pytest.mark.django_db
def test_nothing_done_makes_no_standing():
    study(uuid7())

    assert standings() == []


@pytest.mark.django_db
def test_standings_that_are_long_over_are_purged_in_batches(monkeypatch):
    monkeypatch.setattr(services, "PURGED_AT_ONCE", 3)
    study(uuid7(), NOON - 150 * DAY, study_minutes=9)
    study(uuid7(), NOON - 150 * DAY, study_minutes=9)
    study(uuid7(), NOON - 40 * DAY, study_minutes=9)

    counts = [services.purge_standings(clock=lambda: NOON) for _ in range(3)]

    assert counts == [3, 1, 0]
    assert Standing.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_study_at_the_same_time_is_all_counted():
    user_id = uuid7()

    def act(_):
        barrier.wait(timeout=30)
        try:
            study(user_id, lessons_completed=1, study_minutes=5)
        finally:
            connection.close()

    barrier = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))

    points = Progress.objects.get().points
    assert points == 10
    assert standings() == [
        ("month", MARCH, points, 40, 8, 0),
        ("week", MONDAY, points, 40, 8, 0),
    ]
