"""Progress and statistics: exact, in whatever order and number things arrive."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.user import UpdateProgress, UpdateStatistics
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile
from user_project.progress import services
from user_project.progress.errors import ImplausibleTimeError
from user_project.progress.models import (
    Progress,
    SkillStatistic,
    StudyDay,
    StudySession,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def clock():
    return NOON


def progress_of(user_id):
    row = Progress.objects.get(user_id=user_id)
    days = StudyDay.objects.filter(user_id=user_id).order_by("day")
    return (
        row.lessons_completed,
        row.exercises_completed,
        row.study_minutes,
        row.last_study_date,
        row.last_streak_days,
        row.longest_streak_days,
        row.current_streak_days(NOON.date()),
        list(days.values_list("day", "lessons_completed", "study_minutes")),
    )


def statistic_of(user_id):
    row = SkillStatistic.objects.get(user_id=user_id)
    return (
        row.practices,
        row.average_percent,
        row.best_percent,
        row.last_percent,
        row.last_practiced_at,
        row.minutes,
        row.trend,
        row.estimated_band,
    )


def add(user_id, days_ago=0, **increments):
    services.add_progress(
        update=UpdateProgress(
            user_id=user_id,
            occurred_at=NOON - timedelta(days=days_ago),
            **{"lessons_completed": 1, **increments},
        ),
        clock=clock,
    )


def practise(user_id, percent, minutes_ago=0, **fields):
    services.add_practice(
        update=UpdateStatistics(
            user_id=user_id,
            skill="reading",
            score_percent=percent,
            occurred_at=NOON - timedelta(minutes=minutes_ago),
            **fields,
        ),
        clock=clock,
    )


@pytest.mark.django_db
def test_increments_add_up():
    user_id = uuid7()

    add(user_id, lessons_completed=1, study_minutes=12)
    add(user_id, lessons_completed=0, exercises_completed=2, study_minutes=30)

    row = Progress.objects.get()
    assert (row.lessons_completed, row.exercises_completed, row.study_minutes) == (
        1,
        2,
        42,
    )
    assert StudySession.objects.count() == 2


@pytest.mark.django_db
def test_a_late_message_joins_two_streaks():
    user_id = uuid7()
    for days_ago in (0, 1, 3, 4):
        add(user_id, days_ago)

    before = Progress.objects.get().current_streak_days(NOON.date())
    add(user_id, 2)

    row = Progress.objects.get()
    assert before == 2
    assert row.current_streak_days(NOON.date()) == 5
    assert row.longest_streak_days == 5


@pytest.mark.django_db
def test_ten_minutes_make_a_day_count_and_nine_do_not():
    user_id = uuid7()

    add(user_id, lessons_completed=0, study_minutes=9)
    after_nine = Progress.objects.get().last_streak_days
    add(user_id, lessons_completed=0, study_minutes=1)

    assert after_nine == 0
    assert Progress.objects.get().last_streak_days == 1


@pytest.mark.django_db
def test_the_day_is_that_of_the_learners_zone():
    user_id = uuid7()
    Profile.objects.create(user_id=user_id, email="a@b.c", timezone="Asia/Ho_Chi_Minh")
    late_evening = UpdateProgress(
        user_id=user_id,
        lessons_completed=1,
        occurred_at=datetime(2026, 3, 9, 18, tzinfo=UTC),
    )

    services.add_progress(update=late_evening, clock=clock)

    assert StudyDay.objects.get().day.isoformat() == "2026-03-10"


@pytest.mark.django_db
def test_without_a_time_it_happened_now_and_never_later_than_now():
    user_id = uuid7()
    unsaid = UpdateProgress(user_id=user_id, lessons_completed=1)
    tomorrow = UpdateProgress(
        user_id=user_id, lessons_completed=1, occurred_at=NOON + timedelta(days=1)
    )

    services.add_progress(update=unsaid, clock=clock)
    services.add_progress(update=tomorrow, clock=clock)

    assert StudyDay.objects.get().day == NOON.date()
    assert set(StudySession.objects.values_list("occurred_at", flat=True)) == {NOON}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "occurred_at",
    [datetime.min.replace(tzinfo=UTC), datetime(1999, 12, 31)],  # noqa: DTZ001 - peers may leave it out
)
def test_a_time_before_the_platform_is_refused(occurred_at):
    update = UpdateProgress(user_id=uuid7(), occurred_at=occurred_at)

    with pytest.raises(ImplausibleTimeError):
        services.add_progress(update=update, clock=clock)


@pytest.mark.django_db
def test_a_time_without_zone_is_utc():
    naive = datetime(2026, 3, 9, 23, 30)  # noqa: DTZ001 - peers may leave it out
    update = UpdateProgress(user_id=uuid7(), lessons_completed=1, occurred_at=naive)

    services.add_progress(update=update, clock=clock)

    assert StudyDay.objects.get().day.isoformat() == "2026-03-09"


@pytest.mark.django_db
def test_every_order_of_days_gives_the_same_progress():
    states = set()
    for order in permutations([0, 1, 2, 5]):
        user_id = uuid7()
        for days_ago in order:
            add(user_id, days_ago, study_minutes=days_ago + 1)
        states.add(str(progress_of(user_id)))

    assert len(states) == 1


@pytest.mark.django_db
def test_zero_is_a_score():
    user_id = uuid7()

    practise(user_id, 0, 2)
    practise(user_id, 50, 1)
    practise(user_id, 0, 0)

    assert statistic_of(user_id)[:4] == (
        3,
        Decimal("16.67"),
        Decimal(50),
        Decimal(0),
    )


@pytest.mark.django_db
def test_only_zeros_make_a_best_of_zero():
    user_id = uuid7()

    practise(user_id, 0)

    row = SkillStatistic.objects.get()
    assert (row.average_percent, row.best_percent, row.last_percent) == (0, 0, 0)


@pytest.mark.django_db
def test_an_earlier_practice_that_arrives_late_is_not_the_last():
    user_id = uuid7()

    practise(user_id, 80, 0)
    practise(user_id, 40, 60)

    row = SkillStatistic.objects.get()
    assert row.last_percent == 80
    assert row.last_practiced_at == NOON
    assert row.trend == [40, 80]


@pytest.mark.django_db
def test_the_trend_holds_the_ten_latest_by_time():
    user_id = uuid7()

    for minutes_ago in range(12):
        practise(user_id, minutes_ago, minutes_ago)

    assert SkillStatistic.objects.get().trend == list(range(9, -1, -1))


@pytest.mark.django_db
def test_bands_of_full_tests_make_the_estimate():
    user_id = uuid7()

    practise(user_id, 60)
    without = SkillStatistic.objects.get().estimated_band
    practise(user_id, 70, band=6.0)
    practise(user_id, 75, band=6.5)

    assert without is None
    assert SkillStatistic.objects.get().estimated_band == Decimal("6.5")


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 100, allow_nan=False),
            st.integers(0, 5),
            st.sampled_from([None, 5.0, 6.5]),
        ),
        min_size=1,
        max_size=14,
    ),
    st.randoms(use_true_random=False),
)
def test_shuffled_practices_give_the_same_statistics(practices, random):
    in_order, shuffled = uuid7(), uuid7()
    reordered = list(practices)
    random.shuffle(reordered)

    for user_id, sequence in ((in_order, practices), (shuffled, reordered)):
        for percent, minutes_ago, band in sequence:
            practise(user_id, percent, minutes_ago, band=band, time_minutes=3)

    assert statistic_of(shuffled) == statistic_of(in_order)


def _at_once(count, action):
    """Run *action* in *count* threads that start together, each with a connection."""
    barrier = threading.Barrier(count)

    def run(number):
        try:
            barrier.wait(timeout=30)
            action(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_practices_at_the_same_time_are_all_counted():
    user_id = uuid7()

    _at_once(8, lambda number: practise(user_id, number * 10, number, time_minutes=2))

    row = SkillStatistic.objects.get()
    assert (row.practices, row.average_percent, row.minutes) == (8, 35, 16)
    assert row.trend == [70, 60, 50, 40, 30, 20, 10, 0]


@pytest.mark.django_db(transaction=True)
def test_progress_at_the_same_time_is_all_counted():
    user_id = uuid7()

    _at_once(8, lambda number: add(user_id, number % 4, study_minutes=5))

    row = Progress.objects.get()
    assert (row.lessons_completed, row.study_minutes) == (8, 40)
    assert row.longest_streak_days == 4
    assert sorted(StudyDay.objects.values_list("lessons_completed", flat=True)) == [
        2,
        2,
        2,
        2,
    ]
