"""What the demo learners have tried: made as learners make it, once."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from exercise_project.attempts.demo import DEMO_ATTEMPTS, ensure_demo_attempts
from exercise_project.attempts.models import Attempt
from exercise_project.submissions.models import Submission
from shared.demo import LAN, SOFIA
from shared.outbox.models import OutboxMessage
from shared.server.erased import remember_erased

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 12, 18, 30, tzinfo=UTC)


@pytest.fixture
def demo_tests():
    """Load the tests that come with the platform."""
    call_command("load_exercises", verbosity=0)


def run():
    said = StringIO()
    call_command("demo_history", stdout=said)
    return said.getvalue().strip()


@pytest.mark.usefixtures("demo_tests")
def test_the_history_is_made_once():
    assert run() == "6 of 6 tests taken, 1 of 1 essay written."
    assert run() == "0 of 6 tests taken, 0 of 1 essay written."

    assert Attempt.objects.count() == len(DEMO_ATTEMPTS)
    essay = Submission.objects.get()
    assert (essay.user_id, essay.state) == (SOFIA.id, "submitted")
    assert 250 <= essay.word_count <= 350


@pytest.mark.usefixtures("demo_tests")
def test_the_points_of_an_attempt_are_marked_and_told():
    ensure_demo_attempts(clock=lambda: NOW)

    points = Attempt.objects.order_by("started_at").values_list(
        "user_id", "exercise__slug", "raw_score"
    )
    planned = sorted(DEMO_ATTEMPTS, key=lambda attempt: -attempt.evenings)
    assert list(points) == [
        (attempt.learner.id, attempt.exercise, attempt.points) for attempt in planned
    ]
    best = Attempt.objects.of_learner(LAN.id).get(raw_score=30)
    assert (best.state, best.score_percent, best.band) == ("graded", 75, Decimal(7))
    assert best.finished_at < NOW
    told = OutboxMessage.objects.filter(destination="user").count()
    assert told == 2 * len(DEMO_ATTEMPTS)  # progress and statistics


@pytest.mark.usefixtures("demo_tests")
def test_who_was_erased_does_not_come_back_as_a_demo():
    remember_erased(SOFIA.id, at=NOW)

    assert run() == "4 of 6 tests taken, 0 of 1 essay written."

    assert not Attempt.objects.of_learner(SOFIA.id).exists()
    assert not Submission.objects.exists()


def test_without_the_tests_nobody_has_tried():
    assert ensure_demo_attempts() == 0
