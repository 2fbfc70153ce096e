"""Achievements in the admin."""

import pytest
from django.urls import reverse

from shared.contracts.user import UpdateProgress
from shared.wire.ids import uuid7
from user_project.progress import services

pytestmark = pytest.mark.django_db
LIST = "admin:achievements_achievement_changelist"


def test_what_a_learner_earned_is_found_by_their_id(operator):
    learner, other = uuid7(), uuid7()
    for user_id in (learner, other):
        services.add_progress(
            update=UpdateProgress(user_id=user_id, lessons_completed=1)
        )

    page = operator.get(reverse(LIST), {"q": str(learner), "key": "first_lesson"})

    assert page.status_code == 200
    assert [row.user_id for row in page.context["cl"].queryset] == [learner]


def test_nobody_gives_an_achievement_by_hand(operator):
    assert (
        operator.get(reverse("admin:achievements_achievement_add")).status_code == 403
    )
