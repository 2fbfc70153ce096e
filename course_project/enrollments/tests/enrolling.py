"""What the tests of enrollments do again and again."""

from types import SimpleNamespace

from course_project.catalogue.models import Course
from course_project.enrollments.models import Enrollment
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7

COURSES, LESSONS, ENROLLMENTS = (
    "/api/v1/courses",
    "/api/v1/lessons",
    "/api/v1/enrollments",
)


def make_person(client_for, name="Ana Silva", role="student"):
    """Return somebody with an ``id``, a ``name``, and a ``client`` to act with."""
    id_ = uuid7()
    return SimpleNamespace(
        id=id_, name=name, client=client_for(id_, role=role, name=name)
    )


def enroll(person, course):
    """Enroll through the public door; return the answer's enrollment."""
    response = person.client.post(f"{COURSES}/{course.pk}/enroll")
    assert response.status_code in (200, 201), response.content
    return response.json()


def complete(person, lesson):
    """Complete a lesson through the public door."""
    return person.client.post(f"{LESSONS}/{lesson.pk}/complete")


def lessons_of(course):
    """Return the published lessons of a course, in order."""
    return list(Course.objects.get(pk=course.pk).published_lessons())


def enrollment_of(person, course):
    """Return the stored enrollment."""
    return Enrollment.objects.get(user_id=person.id, course=course)


def sent(type_part):
    """Return the messages in the outbox whose type holds *type_part*."""
    return list(OutboxMessage.objects.filter(type__contains=type_part))
