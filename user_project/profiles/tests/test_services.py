"""The rules of profiles that need a clock of their own."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from shared.wire.ids import uuid7
from user_project.profiles import services
from user_project.profiles.models import Profile

CLAIMS = {"email": "ana@example.com", "role": "student", "full_name": "Ana"}


@pytest.mark.django_db
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


@pytest.mark.django_db
def test_an_operator_hides_a_profile_and_the_peers_learn_it(outbox):
    profile, _ = services.create_profile(user_id=uuid7(), **CLAIMS)

    services.hide_profile(profile=profile)

    assert Profile.objects.get().visibility == Profile.Visibility.PRIVATE
    assert len(outbox()) == 3


@pytest.mark.django_db(transaction=True)
def test_registration_and_early_edits_at_the_same_time_make_one_whole_profile():
    user_id = uuid7()
    edits = [
        {"bio": "Hello"},
        {"locale": "vi"},
        {"target_band": 7},
        {"level": "advanced"},
    ]
    barrier = threading.Barrier(len(edits) + 1)

    def run(changes):
        try:
            barrier.wait(timeout=30)
            if changes is None:
                services.create_profile(user_id=user_id, **CLAIMS, target_band=6)
            else:
                services.update_profile(user_id=user_id, claims=CLAIMS, changes=changes)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(edits) + 1) as pool:
        list(pool.map(run, [*edits, None]))

    profile = Profile.objects.get()
    assert (profile.bio, profile.locale, profile.level) == ("Hello", "vi", "advanced")
    assert profile.target_band == 7
    assert profile.registered_at is not None
