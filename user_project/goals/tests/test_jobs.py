"""What time does to goals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.wire.ids import uuid7
from user_project.goals import jobs, services
from user_project.goals.models import Goal

pytestmark = pytest.mark.django_db


def make_goal(*, days_ago):
    day = timezone.now().date() - timedelta(days=days_ago)
    return Goal.objects.create(
        user_id=uuid7(),
        title="Study",
        unit="lessons",
        target=5,
        period="daily",
        starts_on=day,
        ends_on=day,
    )


def test_goals_are_expired_once_their_day_is_over_everywhere():
    over, running = make_goal(days_ago=2), make_goal(days_ago=0)

    counts = [jobs.expire_goals(), jobs.expire_goals()]

    assert counts == [1, 0]
    over.refresh_from_db()
    running.refresh_from_db()
    assert (over.state, running.state) == ("expired", "active")


@pytest.mark.parametrize(("hours", "expected"), [(35, 0), (36, 1)])
def test_a_day_is_over_last_at_utc_minus_12(hours, expected):
    goal = make_goal(days_ago=0)
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(hours=hours)

    assert services.expire_goals(clock=lambda: moment) == expected
    assert Goal.objects.overdue(goal.ends_on + timedelta(days=1)).count() != expected


def test_goals_expire_in_batches(monkeypatch):
    monkeypatch.setattr(services, "EXPIRED_AT_ONCE", 2)
    for _ in range(3):
        make_goal(days_ago=3)

    assert [jobs.expire_goals() for _ in range(3)] == [2, 1, 0]
