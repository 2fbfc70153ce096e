"""What the demo learners have studied, so that a fresh platform has a past to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from course_project.catalogue.models import Course, Lesson
from course_project.reviews.services import write_review
from shared.demo import LAN, MINH, SOFIA, DemoPerson, demo_evening
from shared.server.erased import is_erased

from .models import Enrollment
from .services import complete_lesson, enroll, grant_access

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class DemoStudy:
    """A course that a learner took: its n-th lesson on the n-th of *evenings* ago."""

    learner: DemoPerson
    course: str
    evenings: tuple[int, ...]
    rating: int | None = None
    review: str = ""


DEMO_STUDIES = (
    DemoStudy(
        LAN,
        "reading-with-purpose",
        (9, 8, 7, 6, 5, 4),
        5,
        "The lesson on NOT GIVEN alone was worth it: I stopped guessing.",
    ),
    DemoStudy(LAN, "listening-for-the-answer", (3, 1, 0)),
    DemoStudy(MINH, "listening-for-the-answer", (11, 10, 2, 1)),
    DemoStudy(
        SOFIA,
        "writing-task-2-from-plan-to-page",
        (16, 15, 14, 12, 11, 10),
        4,
        "Clear, and the examples are honest. More on task 1, please.",
    ),
    DemoStudy(SOFIA, "reading-with-purpose", (6, 4, 0)),
)


def ensure_demo_studies(*, clock: Clock = timezone.now) -> int:
    """Let the demo learners study what they have not begun; return how many courses.

    Who was erased, and a course that is not published here, is left out.
    """
    return sum(_study(study, clock()) for study in DEMO_STUDIES)


@transaction.atomic
def _study(study: DemoStudy, now: datetime) -> bool:
    learner = study.learner
    course = Course.objects.published().filter(slug=study.course).first()
    own = Enrollment.objects.of_learner(learner.id).filter(course=course)
    if course is None or is_erased(learner.id) or own.exists():
        return False
    evenings = [demo_evening(evening, now=now) for evening in study.evenings]
    if course.enrollment_type != Course.EnrollmentType.FREE:
        grant_access(
            user_id=learner.id,
            course=course,
            granted_by=course.instructor_id,
            note="For the demo of a course that is granted.",
        )
    enroll(user_id=learner.id, course_key=study.course, clock=lambda: evenings[0])
    lessons = Lesson.objects.published().filter(module__course=course).in_order()
    for lesson, evening in zip(lessons, evenings, strict=False):
        complete_lesson(
            user_id=learner.id,
            lesson_id=lesson.pk,
            name=learner.name,
            clock=lambda at=evening: at,
        )
    if study.rating:
        write_review(
            user_id=learner.id,
            course_id=course.pk,
            rating=study.rating,
            text=study.review,
            clock=lambda: evenings[-1],
        )
    return True
