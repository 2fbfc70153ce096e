"""Goals as study moves them: on its own day, however late, and completed once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from shared.contracts.events import AchievementEarned, GoalCompleted
from shared.contracts.user import UpdateProgress
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7
from user_project.goals import services
from user_project.goals.errors import (
    GoalCompletedError,
    InvalidDatesError,
    TooManyGoalsError,
)
from user_project.goals.models import Goal
from user_project.profiles.models import Profile
from user_project.progress.models import Progress
from user_project.progress.services import add_progress

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
TODAY = NOON.date()
DAY = timedelta(days=1)


def at(moment):
    return lambda: moment


def make_goal(user_id, *, now=NOON, **values):
    weekly = {
        "title": "Five lessons",
        "unit": "lessons",
        "target": 5,
        "period": "weekly",
    }
    return services.create_goal(user_id=user_id, values=weekly | values, clock=at(now))


def change(goal, *, now=NOON, **changes):
    return services.change_goal(
        user_id=goal.user_id, goal_id=goal.pk, changes=changes, clock=at(now)
    )


def study(user_id, moment=NOON, *, now=None, **increments):
    add_progress(
        update=UpdateProgress(
            user_id=user_id,
            occurred_at=moment,
            **(increments or {"lessons_completed": 1}),
        ),
        clock=at(now or moment),
    )


def read(goal, today=TODAY):
    """Return what is counted and the status that the owner reads."""
    stored = Goal.objects.as_of(today).get(pk=goal.pk)
    return stored.current, stored.status


def completions():
    return OutboxMessage.objects.filter(type="goal.completed.v1").count()


@pytest.mark.django_db
def test_the_fifth_lesson_completes_a_weekly_goal_once(assert_published):
    user_id = uuid7()
    goal = make_goal(user_id)
    for number in range(4):
        study(user_id, NOON + number * DAY)
    before = read(goal)

    study(user_id, NOON + 4 * DAY)
    study(user_id, NOON + 5 * DAY)

    assert before == (4, "active")
    assert read(goal) == (6, "completed")
    fact = assert_published(GoalCompleted, goal_id=goal.pk)
    assert (fact.title, fact.completed_at) == ("Five lessons", NOON + 4 * DAY)
    assert completions() == 1
    assert_published(AchievementEarned, achievement="first_goal")


@pytest.mark.django_db
def test_a_goal_that_was_not_reached_reads_expired_after_its_last_day():
    goal = make_goal(uuid7())

    assert read(goal, TODAY + 6 * DAY) == (0, "active")
    assert read(goal, TODAY + 7 * DAY) == (0, "expired")
    assert Goal.objects.get().state == "active"


@pytest.mark.django_db
def test_a_completed_goal_never_expires():
    user_id = uuid7()
    goal = make_goal(user_id, target=1)
    study(user_id)

    services.expire_goals(clock=at(NOON + 60 * DAY))

    assert read(goal, TODAY + 60 * DAY) == (1, "completed")


@pytest.mark.django_db
def test_late_study_on_a_day_of_the_goal_completes_what_has_expired():
    user_id = uuid7()
    goal = make_goal(user_id, target=1)
    later = NOON + 30 * DAY
    assert services.expire_goals(clock=at(later)) == 1

    study(user_id, NOON + 6 * DAY, now=later)

    assert read(goal, later.date()) == (1, "completed")
    assert Goal.objects.get().completed_at == later
    assert completions() == 1


@pytest.mark.django_db
def test_study_on_other_days_moves_nothing():
    user_id = uuid7()
    goal = make_goal(user_id)

    study(user_id, NOON - DAY)
    study(user_id, NOON + 7 * DAY)
    study(uuid7())

    assert read(goal) == (0, "active")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unit", "expected"), [("lessons", 2), ("exercises", 3), ("minutes", 25)]
)
def test_each_unit_counts_its_own(unit, expected):
    user_id = uuid7()
    goal = make_goal(user_id, unit=unit, target=100)

    study(user_id, lessons_completed=2, exercises_completed=3, study_minutes=25)

    assert read(goal) == (expected, "active")


@pytest.mark.django_db
def test_days_are_those_of_the_learners_zone():
    user_id = uuid7()
    Profile.objects.create(
        user_id=user_id, email="lan@example.org", timezone="Asia/Ho_Chi_Minh"
    )
    evening = datetime(2026, 3, 9, 17, tzinfo=UTC)  # the 10th at UTC+7

    goal = make_goal(user_id, period="daily", now=evening)
    study(user_id, evening - timedelta(seconds=1), now=evening)
    study(user_id, evening)

    assert (goal.starts_on, goal.ends_on) == (date(2026, 3, 10), date(2026, 3, 10))
    assert read(goal) == (1, "active")


@pytest.mark.django_db
def test_study_before_the_goal_was_set_counts_on_its_days():
    user_id = uuid7()
    study(user_id, NOON - 2 * DAY)
    study(user_id, NOON - DAY)
    study(user_id)

    goal = make_goal(user_id, starts_on=TODAY - DAY)
    reached = make_goal(user_id, target=1)

    assert read(goal) == (2, "active")
    assert read(reached) == (1, "completed")
    assert completions() == 1
    assert Progress.objects.get().points == 30  # the first lesson and the first goal


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"period": "custom"}, "ends_on", "required"),
        ({"ends_on": TODAY - DAY}, "ends_on", "before_start"),
        (
            {"starts_on": TODAY - 9 * DAY, "ends_on": TODAY - DAY},
            "ends_on",
            "in_the_past",
        ),
        ({"starts_on": TODAY - 7 * DAY}, "ends_on", "in_the_past"),
        ({"ends_on": TODAY + 366 * DAY}, "ends_on", "too_long"),
        ({"starts_on": TODAY + 367 * DAY}, "starts_on", "too_far"),
        ({"starts_on": date.max}, "starts_on", "too_far"),
        ({"starts_on": date.min, "period": "monthly"}, "starts_on", "too_far"),
        ({"ends_on": date.max}, "ends_on", "too_long"),
    ],
)
def test_odd_days_are_refused(values, field, code):
    with pytest.raises(InvalidDatesError) as refusal:
        make_goal(uuid7(), **values)

    [fault] = refusal.value.errors
    assert (fault["field"], fault["code"]) == (field, code)
    assert not Goal.objects.exists()


@pytest.mark.django_db
def test_another_period_or_beginning_moves_the_end_unless_it_is_named():
    goal = make_goal(uuid7())

    assert change(goal, period="daily").ends_on == TODAY
    assert change(goal, starts_on=TODAY + DAY).ends_on == TODAY + DAY
    assert change(goal, period="custom").ends_on == TODAY + DAY
    assert change(goal, period="weekly", ends_on=TODAY + DAY).ends_on == TODAY + DAY
    assert change(goal, title="Mine", period="weekly").ends_on == TODAY + DAY


@pytest.mark.django_db
def test_a_change_of_days_or_unit_counts_again():
    user_id = uuid7()
    goal = make_goal(user_id)
    study(user_id, NOON - DAY, study_minutes=40)
    study(user_id, NOON, lessons_completed=1, study_minutes=20)

    change(goal, starts_on=TODAY - DAY)
    lessons = read(goal)
    change(goal, unit="minutes", target=60)

    assert lessons == (1, "active")
    assert read(goal) == (60, "completed")
    assert completions() == 1


@pytest.mark.django_db
def test_of_a_completed_goal_only_the_title_changes():
    user_id = uuid7()
    goal = make_goal(user_id, target=1)
    study(user_id)

    changed = change(goal, title="Done", target=1)
    with pytest.raises(GoalCompletedError):
        change(goal, target=2)

    assert changed.title == "Done"
    assert (Goal.objects.get().target, read(goal)) == (1, (1, "completed"))


@pytest.mark.django_db
def test_an_expired_goal_gets_a_new_end_and_goes_on():
    user_id = uuid7()
    goal = make_goal(user_id, target=2)
    study(user_id)
    later = NOON + 10 * DAY
    services.expire_goals(clock=at(later))
    with pytest.raises(InvalidDatesError):
        change(goal, target=3, now=later)

    change(goal, ends_on=later.date(), now=later)
    before = read(goal, later.date())
    study(user_id, later)

    assert before == (1, "active")
    assert read(goal, later.date()) == (2, "completed")


@pytest.mark.django_db
def test_there_are_at_most_fifty_goals_that_are_not_over():
    user_id = uuid7()
    over = make_goal(user_id, period="daily", now=NOON - 2 * DAY)
    goals = [make_goal(user_id, period="daily") for _ in range(services.MOST_GOALS)]
    with pytest.raises(TooManyGoalsError):
        make_goal(user_id)
    with pytest.raises(TooManyGoalsError):
        change(over, ends_on=TODAY)

    services.delete_goal(user_id=user_id, goal_id=goals[0].pk)
    make_goal(user_id)

    make_goal(uuid7())
    assert Goal.objects.count() == services.MOST_GOALS + 2


@pytest.mark.django_db
def test_a_completed_goal_that_was_deleted_still_counts_for_achievements():
    user_id = uuid7()
    for _ in range(2):
        goal = make_goal(user_id, target=1)
        study(user_id)
        services.delete_goal(user_id=user_id, goal_id=goal.pk)

    progress = Progress.objects.get()
    assert progress.goals_completed == 2
    assert progress.points == 30


@pytest.mark.django_db(transaction=True)
def test_lessons_at_the_same_time_complete_a_goal_once():
    user_id = uuid7()
    goal = make_goal(user_id)

    def act(_):
        barrier.wait(timeout=30)
        try:
            study(user_id)
        finally:
            connection.close()

    barrier = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))

    assert read(goal) == (8, "completed")
    assert completions() == 1
    assert Progress.objects.get().goals_completed == 1


@pytest.mark.django_db(transaction=True)
def test_goals_set_while_lessons_are_counted_miss_none():
    user_id = uuid7()

    def act(number):
        barrier.wait(timeout=30)
        try:
            if number % 2:
                make_goal(user_id, target=50)
            else:
                study(user_id)
        finally:
            connection.close()

    barrier = threading.Barrier(8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))

    assert list(Goal.objects.values_list("current", flat=True)) == [4] * 4
