"""Standings in the admin."""

import pytest
from django.urls import reverse

from shared.contracts.user import UpdateProgress
from shared.wire.ids import uuid7
from user_project.progress.services import add_progress

pytestmark = pytest.mark.django_db


def test_the_standings_of_a_learner_are_found_by_their_id(operator):
    learner = uuid7()
    for user_id in (learner, uuid7()):
        add_progress(update=UpdateProgress(user_id=user_id, study_minutes=9))

    page = operator.get(
        reverse("admin:leaderboard_standing_changelist"),
        {"q": str(learner), "period": "week"},
    )

    assert page.status_code == 200
    assert [row.user_id for row in page.context["cl"].queryset] == [learner]


def test_nobody_gives_places_by_hand(operator):
    assert operator.get(reverse("admin:leaderboard_standing_add")).status_code == 403
