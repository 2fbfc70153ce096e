"""What time does to attempts."""

import pytest

from exercise_project.attempts.jobs import expire_overdue_attempts
from exercise_project.attempts.models import Attempt

from .taking import (
    PROGRESS,
    STATISTICS,
    make_learner,
    make_test,
    put_back,
    right_answers,
    save,
    sent,
    start,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client_for):
    """Give a learner."""
    return make_learner(client_for)


def test_an_overdue_attempt_is_graded_from_the_autosave_once(ana):
    attempt = start(ana, make_test())
    save(ana, attempt, right_answers(attempt, 30))
    put_back(attempt, minutes=70)

    counts = [expire_overdue_attempts(), expire_overdue_attempts()]

    stored = Attempt.objects.get()
    assert counts == [1, 0]
    assert (stored.state, stored.raw_score, stored.band) == ("expired", 30, 7)
    assert stored.finished_at == stored.saved_at
    assert len(sent(STATISTICS)) == len(sent(PROGRESS)) == 1
    assert sent(PROGRESS)[0]["study_minutes"] == 0


def test_an_attempt_that_was_never_saved_is_abandoned_without_effect(ana):
    attempt = start(ana, make_test())
    put_back(attempt, minutes=61)

    expire_overdue_attempts()

    assert Attempt.objects.get().state == "abandoned"
    assert not sent(STATISTICS)
    assert submit(ana, attempt).json()["state"] == "abandoned"


@pytest.mark.parametrize("seconds", [0, 29])
def test_within_time_and_grace_nothing_expires(ana, seconds):
    attempt = start(ana, make_test())
    put_back(attempt, minutes=60, seconds=seconds)

    assert expire_overdue_attempts() == 0
    assert Attempt.objects.get().state == "in_progress"
