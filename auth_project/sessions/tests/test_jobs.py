"""What the worker does from time to time."""

import pytest

from auth_project.sessions.models import RefreshToken
from shared.outbox.jobs import Timetable


@pytest.mark.django_db
def test_the_worker_throws_away_what_is_over(ana, sign_in):
    sign_in()
    RefreshToken.objects.update(expires_at="2020-01-01T00:00:00Z")

    Timetable().run_due()

    assert not RefreshToken.objects.exists()
