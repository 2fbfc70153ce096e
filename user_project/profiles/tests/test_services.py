"""The rules of profiles that need a clock of their own."""

from datetime import UTC, datetime

import pytest

from shared.wire.ids import uuid7
from user_project.profiles import services
from user_project.profiles.models import Profile

pytestmark = pytest.mark.django_db
CLAIMS = {"email": "ana@example.com", "role": "student", "full_name": "Ana"}


def test_the_time_of_a_change_moves_on_when_the_clock_steps_back():
    user_id = uuid7()
    late, early = datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    services.create_profile(user_id=user_id, **CLAIMS, clock=lambda: early)
    first = services.update_profile(
        user_id=user_id,
        claims=CLAIMS,
        changes={"locale": "vi"},
        clock=lambda: datetime(2100, 1, 1, tzinfo=UTC),
    )

    second = services.update_profile(
        user_id=user_id, claims=CLAIMS, changes={"locale": "en"}, clock=lambda: late
    )

    assert second.updated_at > first.updated_at


def test_an_operator_hides_a_profile_and_the_peers_learn_it(outbox):
    profile, _ = services.create_profile(user_id=uuid7(), **CLAIMS)

    services.hide_profile(profile=profile)

    assert Profile.objects.get().visibility == Profile.Visibility.PRIVATE
    assert len(outbox()) == 3
