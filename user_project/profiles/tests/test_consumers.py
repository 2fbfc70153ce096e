"""What the profiles app makes of auth's events."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.contracts.events import UserRoleChanged
from shared.contracts.user import CreateProfile, create_profile
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile

pytestmark = pytest.mark.django_db


def test_a_role_is_the_newest_whatever_the_order(call_internal, deliver):
    user_id, now = uuid7(), timezone.now()
    call_internal(
        create_profile,
        CreateProfile(user_id=user_id, email="ana@example.com", role="student"),
        caller="auth",
    )
    newer = UserRoleChanged(user_id=user_id, role="admin", changed_at=now)
    older = UserRoleChanged(
        user_id=user_id, role="instructor", changed_at=now - timedelta(hours=1)
    )

    for event in (newer, older, newer):
        assert deliver(event, publisher="auth").status_code == 200

    assert Profile.objects.get().role == "admin"


def test_a_role_of_somebody_unknown_is_accepted_and_forgotten(deliver):
    event = UserRoleChanged(user_id=uuid7(), role="admin", changed_at=timezone.now())

    response = deliver(event, publisher="auth")

    assert response.status_code == 200
    assert not Profile.objects.exists()
