"""Learners in the admin."""

import pytest
from django.urls import reverse

from exercise_project.learners.models import Learner
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


def test_a_learner_is_found_by_id_and_by_name(operator):
    learner = Learner.objects.create(user_id=uuid7(), display_name="Ana Silva")
    Learner.objects.create(user_id=uuid7(), display_name="Mai Tran")
    address = reverse("admin:learners_learner_changelist")

    pages = [operator.get(address, {"q": text}) for text in (learner.user_id, "silva")]

    for page in pages:
        assert page.status_code == 200
        assert list(page.context["cl"].queryset) == [learner]


def test_nobody_adds_a_learner_by_hand(operator):
    assert operator.get(reverse("admin:learners_learner_add")).status_code == 403
