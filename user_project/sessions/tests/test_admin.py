"""Study sessions in the admin."""

import pytest
from django.urls import reverse

from shared.wire.ids import uuid7
from user_project.sessions import services

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["timedsession", "studytime"])
def test_the_sessions_of_a_learner_are_found_by_their_id(operator, model):
    learner, other = uuid7(), uuid7()
    for user_id in (learner, other):
        services.start_session(user_id=user_id)

    page = operator.get(
        reverse(f"admin:timed_sessions_{model}_changelist"), {"q": str(learner)}
    )

    assert page.status_code == 200
    assert [row.user_id for row in page.context["cl"].queryset] == [learner]


@pytest.mark.parametrize("model", ["timedsession", "studytime"])
def test_nobody_adds_study_by_hand(operator, model):
    url = reverse(f"admin:timed_sessions_{model}_add")

    assert operator.get(url).status_code == 403
