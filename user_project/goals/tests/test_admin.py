"""Goals in the admin."""

from datetime import date

import pytest
from django.urls import reverse

from shared.wire.ids import uuid7
from user_project.goals.models import Goal

pytestmark = pytest.mark.django_db


def test_the_goals_of_a_learner_are_found_by_their_id(operator):
    learner = uuid7()
    for user_id in (learner, uuid7()):
        Goal.objects.create(
            user_id=user_id,
            title="Study",
            unit="lessons",
            target=5,
            period="daily",
            starts_on=date(2026, 3, 10),
            ends_on=date(2026, 3, 10),
        )

    page = operator.get(
        reverse("admin:goals_goal_changelist"), {"q": str(learner), "state": "active"}
    )

    assert page.status_code == 200
    assert [row.user_id for row in page.context["cl"].queryset] == [learner]


def test_nobody_sets_a_goal_for_others(operator):
    assert operator.get(reverse("admin:goals_goal_add")).status_code == 403
