"""Progress in the admin."""

from datetime import date

import pytest
from django.urls import reverse

from shared.contracts.user import UpdateProgress, UpdateStatistics
from shared.wire.ids import uuid7
from user_project.progress import services
from user_project.progress.models import StreakMilestone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "model", ["progress", "studyday", "studysession", "skillstatistic"]
)
def test_what_a_learner_did_is_found_by_their_id(operator, model):
    learner, other = uuid7(), uuid7()
    for user_id in (learner, other):
        services.add_progress(
            update=UpdateProgress(user_id=user_id, lessons_completed=1)
        )
        services.add_practice(
            update=UpdateStatistics(user_id=user_id, skill="reading", score_percent=50)
        )

    page = operator.get(
        reverse(f"admin:progress_{model}_changelist"), {"q": str(learner)}
    )

    assert page.status_code == 200
    assert [row.user_id for row in page.context["cl"].queryset] == [learner]


def test_streaks_that_were_told_are_found_by_their_learner(operator):
    learner = uuid7()
    for user_id in (learner, uuid7()):
        StreakMilestone.objects.create(
            user_id=user_id, days=7, reached_on=date(2026, 3, 7)
        )

    page = operator.get(
        reverse("admin:progress_streakmilestone_changelist"), {"q": str(learner)}
    )

    assert [row.user_id for row in page.context["cl"].queryset] == [learner]


@pytest.mark.parametrize(
    "model",
    ["progress", "studyday", "studysession", "skillstatistic", "streakmilestone"],
)
def test_nobody_adds_progress_by_hand(operator, model):
    assert operator.get(reverse(f"admin:progress_{model}_add")).status_code == 403
