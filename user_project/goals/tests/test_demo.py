"""The goal of a demo learner: set as learners set theirs, once."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from shared.demo import LAN
from shared.server.erased import remember_erased
from user_project.goals.demo import ensure_demo_goal
from user_project.goals.models import Goal

pytestmark = pytest.mark.django_db


def run():
    said = StringIO()
    call_command("demo_history", stdout=said)
    return said.getvalue().strip()


def test_the_goal_is_set_once_and_is_not_over():
    assert run() == "1 of 1 goal set."
    assert run() == "0 of 1 goal set."

    [goal] = Goal.objects.of_learner(LAN.id)
    assert goal.ends_on > timezone.now().date() + timedelta(days=1)


def test_the_week_of_the_goal_began_some_evenings_ago():
    ensure_demo_goal(clock=lambda: datetime(2026, 3, 12, 18, 30, tzinfo=UTC))

    goal = Goal.objects.get()
    assert (goal.starts_on, goal.ends_on) == (date(2026, 3, 9), date(2026, 3, 15))


def test_who_was_erased_does_not_come_back_as_a_demo():
    remember_erased(LAN.id, at=timezone.now())

    assert run() == "0 of 1 goal set."
