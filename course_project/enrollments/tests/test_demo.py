"""What the demo learners have studied: made as learners make it, once."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from course_project.certificates.models import Certificate
from course_project.enrollments.demo import DEMO_STUDIES, ensure_demo_studies
from course_project.enrollments.models import Enrollment, LessonProgress
from course_project.reviews.models import Review
from shared.demo import DEMO_LEARNERS, LAN, SOFIA
from shared.outbox.models import OutboxMessage
from shared.server.erased import remember_erased

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 12, 18, 30, tzinfo=UTC)
LESSONS = sum(len(study.evenings) for study in DEMO_STUDIES)


@pytest.fixture
def demo_courses():
    """Load the courses that come with the platform."""
    call_command("load_courses", verbosity=0)


def run():
    said = StringIO()
    call_command("demo_history", stdout=said)
    return said.getvalue().strip()


@pytest.mark.usefixtures("demo_courses")
def test_the_history_is_made_once():
    assert run() == "5 of 5 courses taken."
    assert run() == "0 of 5 courses taken."

    assert Enrollment.objects.count() == len(DEMO_STUDIES)
    assert LessonProgress.objects.exclude(completed_at=None).count() == LESSONS
    assert OutboxMessage.objects.filter(destination="user").count() == LESSONS


@pytest.mark.usefixtures("demo_courses")
def test_every_evening_of_a_learner_is_past_and_the_last_is_of_the_last_day():
    ensure_demo_studies(clock=lambda: NOW)

    evenings = list(
        LessonProgress.objects.filter(enrollment__user_id=LAN.id)
        .order_by("completed_at")
        .values_list("completed_at", flat=True)
    )
    assert len(evenings) == len(set(evenings)) == 9
    assert max(evenings) <= NOW
    assert NOW - max(evenings) < timedelta(days=1)


@pytest.mark.usefixtures("demo_courses")
def test_who_finished_a_course_has_a_certificate_and_a_say():
    ensure_demo_studies()

    finished = Enrollment.objects.exclude(completed_at=None)
    assert set(finished.values_list("user_id", "course__slug")) == {
        (LAN.id, "reading-with-purpose"),
        (SOFIA.id, "writing-task-2-from-plan-to-page"),
    }
    assert set(Certificate.objects.values_list("user_id", "name")) == {
        (LAN.id, "Lan Pham"),
        (SOFIA.id, "Sofia Rossi"),
    }
    assert set(Review.objects.values_list("user_id", "rating")) == {
        (LAN.id, 5),
        (SOFIA.id, 4),
    }


@pytest.mark.usefixtures("demo_courses")
def test_who_was_erased_does_not_come_back_as_a_demo():
    remember_erased(LAN.id, at=NOW)

    ensure_demo_studies()

    learners = set(Enrollment.objects.values_list("user_id", flat=True))
    assert learners == {person.id for person in DEMO_LEARNERS} - {LAN.id}


def test_without_the_courses_nobody_has_studied():
    assert run() == "0 of 5 courses taken."
