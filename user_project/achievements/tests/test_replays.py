"""A learner's story as the relay may deliver it: late, shuffled, ten times."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.user import (
    UpdateProgress,
    UpdateStatistics,
    update_progress,
    update_statistics,
)
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7
from user_project.achievements.models import Achievement
from user_project.goals.models import Goal
from user_project.goals.services import create_goal
from user_project.leaderboard.models import Standing
from user_project.profiles.models import Profile
from user_project.progress.models import Progress, SkillStatistic, StreakMilestone

pytestmark = pytest.mark.django_db
# Just after midnight at UTC+7, where the learner lives: the evening before in UTC.
DAWN = datetime(2026, 3, 1, 17, 0, 30, tzinfo=UTC)
GOALS = {
    "Five lessons": {"unit": "lessons", "target": 5, "period": "weekly"},
    "Fifty lessons": {"unit": "lessons", "target": 50, "period": "monthly"},
    "Some minutes": {"unit": "minutes", "target": 60, "period": "weekly"},
    "Today": {"unit": "exercises", "target": 1, "period": "daily"},
}


def at(day, **after):
    return DAWN + timedelta(days=day - 1, **after)


def begin():
    """Return a learner in Hanoi with some goals, on the morning of the first day."""
    user_id = uuid7()
    Profile.objects.create(
        user_id=user_id,
        email=f"{user_id}@example.org",
        timezone="Asia/Ho_Chi_Minh",
    )
    for title, values in GOALS.items():
        create_goal(
            user_id=user_id, values={"title": title, **values}, clock=lambda: DAWN
        )
    return user_id


def story_of(user_id):
    """Return what peers report: a lesson on 8 days in a row, and 5 tests on 4 days."""
    lessons = [
        UpdateProgress(
            user_id=user_id,
            lessons_completed=1,
            study_minutes=9 + day,
            occurred_at=at(day),
        )
        for day in (1, 2, 3, 4, 5, 6, 7, 8)
    ]
    tests = [(1, 5.5), (2, 7.0), (4, 6.0), (12, 6.5), (12, None)]
    exercises = [
        UpdateProgress(
            user_id=user_id,
            exercises_completed=1,
            study_minutes=40,
            occurred_at=at(day, hours=number),
        )
        for number, (day, _) in enumerate(tests)
    ]
    practices = [
        UpdateStatistics(
            user_id=user_id,
            skill="listening",
            score_percent=number * 10,
            band=band,
            occurred_at=at(day, hours=number),
        )
        for number, (day, band) in enumerate(tests)
    ]
    calls = [(update_progress, fact) for fact in lessons + exercises]
    calls += [(update_statistics, fact) for fact in practices]
    return [(endpoint, fact, uuid7()) for endpoint, fact in calls]


def state_of(user_id):
    """Return all that the story left behind, but for when it arrived."""
    own = {"user_id": user_id}
    sent = OutboxMessage.objects.filter(ordering_key=str(user_id))
    return {
        "progress": Progress.objects.filter(**own).values(
            "lessons_completed",
            "exercises_completed",
            "study_minutes",
            "points",
            "goals_completed",
            "last_study_date",
            "last_streak_days",
            "longest_streak_days",
        )[0],
        "achievements": sorted(
            Achievement.objects.filter(**own).values_list("key", "points")
        ),
        "goals": sorted(
            Goal.objects.filter(**own).values_list("title", "current", "state")
        ),
        # Not the day: a streak whose beginning is late was told by a later one.
        "streaks": sorted(
            StreakMilestone.objects.filter(**own).values_list("days", flat=True)
        ),
        "best_band": SkillStatistic.objects.get(**own).best_band,
        "study": sorted(
            Standing.objects.filter(study_minutes__gt=0, **own).values_list(
                "period", "starts_on", "study_minutes", "lessons_completed"
            )
        ),
        "points": list(
            Standing.objects.filter(**own)
            .order_by()
            .values_list("period")
            .annotate(Sum("points"))
            .order_by("period")
        ),
        "told": Counter(sent.values_list("type", flat=True)),
    }


def deliver_all(call_internal, calls):
    for endpoint, fact, key in calls:
        answer = call_internal(endpoint, fact, caller="exercise", key=key)
        assert answer.status_code == 200


def assert_same_in_any_order(call_internal, random, *, times):
    in_order, shuffled = begin(), begin()
    copies = story_of(shuffled) * times
    random.shuffle(copies)

    deliver_all(call_internal, story_of(in_order))
    deliver_all(call_internal, copies)

    assert state_of(shuffled) == state_of(in_order)


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.randoms(use_true_random=False))
def test_messages_in_any_order_leave_what_they_do_in_order(call_internal, random):
    assert_same_in_any_order(call_internal, random, times=2)


def test_ten_shuffled_copies_of_each_message_leave_what_one_does(call_internal):
    assert_same_in_any_order(call_internal, Random(7), times=10)


def test_the_story_in_order_leaves_what_it_tells(call_internal):
    user_id = begin()

    deliver_all(call_internal, story_of(user_id))

    state = state_of(user_id)
    earned = dict(state["achievements"])
    assert set(earned) == {
        "first_lesson",
        "first_exercise",
        "streak_7",
        "band_6",
        "band_7",
        "first_goal",
    }
    assert state["progress"]["points"] == sum(earned.values())
    assert state["points"] == [
        ("month", sum(earned.values())),
        ("week", sum(earned.values())),
    ]
    assert state["progress"]["longest_streak_days"] == 8
    assert state["progress"]["last_streak_days"] == 1
    assert state["goals"] == [
        ("Fifty lessons", 8, "active"),
        ("Five lessons", 7, "completed"),
        ("Some minutes", 211, "completed"),
        ("Today", 1, "completed"),
    ]
    assert state["streaks"] == [7]
    assert state["told"] == {
        "achievement.earned.v1": 6,
        "goal.completed.v1": 3,
        "streak.reached.v1": 1,
    }
