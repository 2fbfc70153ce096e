"""What course-service forgets of a person, keeps for others, and no longer lets in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from course_project.catalogue.models import FORMER_INSTRUCTOR, Course
from course_project.certificates.models import Certificate
from course_project.enrollments.models import Enrollment, Grant, LessonProgress
from course_project.enrollments.services import complete_lesson, enroll, grant_access
from course_project.learners.models import Learner
from course_project.reviews.models import Review
from course_project.reviews.services import write_review
from shared.contracts.events import ProfileUpdated, UserRegistered
from shared.testing.erasure import columns_not_asked
from shared.wire.ids import NOBODY, uuid7

pytestmark = pytest.mark.django_db


def registered(user_id):
    return UserRegistered(
        user_id=user_id,
        email="ana@example.com",
        full_name="Ana Silva",
        role="student",
        registered_at=timezone.now(),
    )


def take(user_id, course, *, rating):
    """Let somebody complete a course and review it; return the certificate."""
    enroll(user_id=user_id, course_key=course.slug)
    for lesson in course.published_lessons():
        complete_lesson(user_id=user_id, lesson_id=lesson.pk, name="Ana Silva")
    write_review(user_id=user_id, course_id=course.pk, rating=rating)
    return Certificate.objects.get(user_id=user_id, course=course)


def test_what_the_person_did_is_gone_and_the_counts_are_exact(
    deliver, erase_person, make_course
):
    course, ana, ben = make_course(), uuid7(), uuid7()
    deliver(registered(ana))
    take(ana, course, rating=1)
    take(ben, course, rating=5)

    for _ in range(2):
        assert erase_person(ana).status_code == 200

    for model in (Enrollment, Certificate, Review):
        assert model.objects.get().user_id == ben
    assert LessonProgress.objects.count() == 2
    assert not Learner.objects.exists()
    course.refresh_from_db()
    assert course.enrollments_count == 1
    assert (course.rating_count, course.rating_sum) == (1, 5)


def test_a_certificate_of_the_person_is_not_found_any_more(
    client_for, erase_person, make_course
):
    ana = uuid7()
    address = f"/api/v1/certificates/{take(ana, make_course(), rating=4).code}"
    assert client_for().get(address).status_code == 200

    erase_person(ana)

    refused = client_for().get(address)
    assert (refused.status_code, refused.json()["code"]) == (
        404,
        "certificate_not_found",
    )


def test_what_an_instructor_published_stays_without_the_name(
    client_for, author, deliver, erase_person, make_course
):
    course, ben = make_course(), uuid7()
    make_course(is_published=False, title="Half a course")
    deliver(registered(author.id))
    certificate = take(ben, course, rating=5)

    erase_person(author.id)

    kept = Course.objects.get()
    assert (kept.pk, kept.instructor_id) == (course.pk, NOBODY)
    certificate.refresh_from_db()
    assert certificate.instructor_name == FORMER_INSTRUCTOR
    shown = client_for().get(f"/api/v1/courses/{course.slug}").content.decode()
    assert author.name not in shown
    assert FORMER_INSTRUCTOR in shown


def test_grants_to_the_person_go_and_grants_by_the_person_stay(
    erase_person, make_course
):
    course, ana, ben = make_course(enrollment_type="premium"), uuid7(), uuid7()
    for user_id, granted_by in ((ana, ben), (ben, ana)):
        grant_access(user_id=user_id, course=course, granted_by=granted_by, note="x")
        enroll(user_id=user_id, course_key=course.slug)

    erase_person(ana)

    grant = Grant.objects.get()
    assert (grant.user_id, grant.granted_by) == (ben, NOBODY)
    assert Enrollment.objects.get().user_id == ben


def test_facts_about_the_person_that_come_later_are_refused(deliver, erase_person):
    ana = uuid7()
    erase_person(ana)
    profile = ProfileUpdated(
        user_id=ana,
        display_name="Ana",
        locale="en",
        timezone="UTC",
        visibility="public",
        updated_at=timezone.now(),
    )

    answers = [deliver(registered(ana)), deliver(profile)]

    assert [answer.json()["code"] for answer in answers] == ["account_erased"] * 2
    assert not Learner.objects.exists()


def test_every_column_that_may_hold_a_person_is_asked(erase_person):
    with CaptureQueriesContext(connection) as queries:
        erase_person(uuid7())

    assert columns_not_asked(query["sql"] for query in queries) == []
