"""Profiles in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from shared.wire.ids import uuid7
from user_project.profiles.models import Profile

pytestmark = pytest.mark.django_db
LIST = "admin:profiles_profile_changelist"


@pytest.fixture
def profile():
    """Give one stored, public profile."""
    return Profile.objects.create(
        user_id=uuid7(),
        email="mai@example.com",
        role="student",
        full_name="Mai Tran",
        display_name="Mai",
    )


@pytest.mark.parametrize("find", ["user_id", "email", "display_name"])
def test_a_profile_is_found(operator, profile, find):
    Profile.objects.create(user_id=uuid7(), email="x@example.com", role="student")

    page = operator.get(reverse(LIST), {"q": str(getattr(profile, find))})

    assert page.status_code == 200
    assert list(page.context["cl"].queryset) == [profile]


def test_nobody_edits_a_profile_by_hand(operator, profile):
    change = reverse("admin:profiles_profile_change", args=[profile.pk])

    assert operator.get(change).status_code == 200
    assert operator.post(change, {"display_name": "x"}).status_code == 403
    assert operator.get(reverse("admin:profiles_profile_add")).status_code == 403


def test_an_offending_profile_is_made_private(operator, profile, outbox):
    response = operator.post(
        reverse(LIST), {"action": "hide", "_selected_action": [str(profile.pk)]}
    )

    assert response.status_code == 302
    profile.refresh_from_db()
    assert profile.visibility == Profile.Visibility.PRIVATE
    assert len(outbox()) == 3
    assert LogEntry.objects.get().object_id == str(profile.pk)
