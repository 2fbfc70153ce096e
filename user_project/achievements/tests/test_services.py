"""Achievements as they are earned: once, with points that are equal everywhere."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from shared.contracts.events import AchievementEarned
from shared.contracts.user import (
    UpdateProgress,
    UpdateStatistics,
    update_progress,
    update_statistics,
)
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7
from user_project.achievements.models import Achievement
from user_project.progress import services
from user_project.progress.models import Progress, SkillStatistic

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
EARNED = "achievement.earned.v1"


def study(user_id, days_ago=0, *, now=NOON, **fields):
    services.add_progress(
        update=UpdateProgress(
            user_id=user_id,
            occurred_at=NOON - timedelta(days=days_ago),
            **({"lessons_completed": 1} | fields),
        ),
        clock=lambda: now,
    )


def practise(user_id, skill="reading", **fields):
    services.add_practice(
        update=UpdateStatistics(user_id=user_id, skill=skill, score_percent=0, **fields)
    )


def keys_of(user_id):
    return set(
        Achievement.objects.filter(user_id=user_id).values_list("key", flat=True)
    )


def points_of(user_id):
    """Return the points of the progress, once they are those of the achievements."""
    rows = Achievement.objects.filter(user_id=user_id)
    points = Progress.objects.get(user_id=user_id).points
    assert points == sum(rows.values_list("points", flat=True))
    return points


@pytest.mark.django_db
def test_the_seventh_day_in_a_row_earns_once(assert_published):
    user_id = uuid7()
    for days_ago in range(6, 0, -1):
        study(user_id, days_ago)
    before = keys_of(user_id)

    study(user_id)
    study(user_id)

    assert before == {"first_lesson"}
    assert keys_of(user_id) == {"first_lesson", "streak_7"}
    fact = assert_published(AchievementEarned, achievement="streak_7")
    assert (fact.user_id, fact.points, fact.earned_at) == (user_id, 50, NOON)
    assert points_of(user_id) == 60


@pytest.mark.django_db
def test_an_achievement_stays_when_the_streak_is_over():
    user_id = uuid7()
    for days_ago in range(20, 13, -1):
        study(user_id, days_ago)

    study(user_id)

    assert "streak_7" in keys_of(user_id)
    assert points_of(user_id) == 60


@pytest.mark.django_db
def test_a_late_message_earns_when_it_is_counted():
    user_id = uuid7()
    for days_ago in (0, 1, 2, 4, 5, 6):
        study(user_id, days_ago)
    hour_later = NOON + timedelta(hours=1)

    study(user_id, 3, now=hour_later)

    assert Achievement.objects.get(key="streak_7").earned_at == hour_later
    assert Achievement.objects.get(key="first_lesson").earned_at == NOON


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("increments", "expected"),
    [
        ({"lessons_completed": 9}, {"first_lesson"}),
        ({"lessons_completed": 10}, {"first_lesson", "lessons_10"}),
        ({"lessons_completed": 50}, {"first_lesson", "lessons_10", "lessons_50"}),
        (
            {"lessons_completed": 0, "exercises_completed": 50},
            {"first_exercise", "exercises_50"},
        ),
        ({"lessons_completed": 0, "study_minutes": 599}, set()),
        ({"lessons_completed": 0, "study_minutes": 600}, {"hours_10"}),
        (
            {"lessons_completed": 0, "study_minutes": 6000},
            {"hours_10", "hours_50", "hours_100"},
        ),
    ],
)
def test_totals_earn(increments, expected):
    user_id = uuid7()

    study(user_id, **increments)

    assert keys_of(user_id) == expected
    points_of(user_id)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("band", "expected"),
    [
        (None, set()),
        (0.0, set()),
        (5.5, set()),
        (6.0, {"band_6"}),
        (6.5, {"band_6"}),
        (7.0, {"band_6", "band_7"}),
        (9.0, {"band_6", "band_7"}),
    ],
)
def test_the_best_band_earns(band, expected):
    user_id = uuid7()

    practise(user_id, band=band)
    practise(user_id, "listening", band=5.0)

    assert keys_of(user_id) == expected
    points_of(user_id)


@pytest.mark.django_db
def test_a_hundred_listening_exercises_earn_and_other_skills_do_not_count():
    user_id = uuid7()
    SkillStatistic.objects.create(
        user_id=user_id, skill="listening", practices=98, completed_practices=98
    )
    practise(user_id, "reading")
    practise(user_id, "listening")
    practise(user_id, "listening", is_completed=False)
    before = keys_of(user_id)

    practise(user_id, "listening")

    assert before == set()
    assert keys_of(user_id) == {"listening_100"}
    assert points_of(user_id) == 200


@pytest.mark.django_db
def test_what_was_reached_before_there_were_rules_is_earned_with_the_next_message():
    user_id = uuid7()
    Progress.objects.create(user_id=user_id, lessons_completed=60)

    study(user_id, study_minutes=0)

    assert keys_of(user_id) == {"first_lesson", "lessons_10", "lessons_50"}


@pytest.mark.django_db(transaction=True)
def test_the_same_messages_at_the_same_time_earn_once(call_internal):
    user_id = uuid7()
    key, practice_key = uuid7(), uuid7()
    lessons = UpdateProgress(
        user_id=user_id, lessons_completed=10, exercises_completed=1
    )
    practice = UpdateStatistics(
        user_id=user_id, skill="reading", score_percent=80, band=7.0
    )
    # The first call makes the caller's key, which the threads then share.
    call_internal(update_statistics, practice, caller="exercise", key=practice_key)

    def send(number):
        barrier.wait(timeout=30)
        try:
            if number % 2:
                return call_internal(
                    update_progress, lessons, caller="exercise", key=key
                )
            return call_internal(
                update_statistics, practice, caller="exercise", key=practice_key
            )
        finally:
            connection.close()

    barrier = threading.Barrier(10)
    with ThreadPoolExecutor(10) as pool:
        statuses = {answer.status_code for answer in pool.map(send, range(10))}

    assert statuses <= {200, 409}  # PostgreSQL refuses a twin that is being handled
    assert keys_of(user_id) == {
        "first_lesson",
        "lessons_10",
        "first_exercise",
        "band_6",
        "band_7",
    }
    assert points_of(user_id) == 345
    assert OutboxMessage.objects.filter(type=EARNED).count() == 5


@pytest.mark.django_db(transaction=True)
def test_different_messages_at_the_same_time_earn_once():
    user_id = uuid7()

    def act(number):
        barrier.wait(timeout=30)
        try:
            if number % 2:
                study(user_id, number)
            else:
                practise(user_id, band=8.0)
        finally:
            connection.close()

    barrier = threading.Barrier(10)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(act, range(10)))

    assert keys_of(user_id) == {"first_lesson", "band_6", "band_7"}
    assert points_of(user_id) == 310
    assert OutboxMessage.objects.filter(type=EARNED).count() == 3
