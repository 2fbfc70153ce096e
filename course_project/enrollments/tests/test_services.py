"""Enrollments under concurrency, and as time goes by."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from course_project.certificates.models import Certificate
from course_project.enrollments.jobs import expire_enrollments as job
from course_project.enrollments.models import Enrollment, LessonProgress
from course_project.enrollments.services import (
    complete_lesson,
    enroll,
    expire_enrollments,
    grant_access,
    is_enrolled,
    save_position,
)
from shared.wire.ids import uuid7

from .enrolling import lessons_of, sent

MORNING = datetime(2026, 3, 10, 8, tzinfo=UTC)
AT_ONCE = 20


def in_parallel(work, times=AT_ONCE):
    """Run *work* in threads that start together, each on a connection of its own."""
    barrier = threading.Barrier(times)

    def run(number):
        try:
            barrier.wait(timeout=30)
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.django_db(transaction=True)
def test_twenty_completions_at_once_count_once(make_course):
    course, user_id = make_course(lessons=1), uuid7()
    enroll(user_id=user_id, course_key=str(course.pk))
    [lesson] = lessons_of(course)
    # With a row there already, no insert makes the others wait.
    save_position(user_id=user_id, lesson_id=lesson.pk, position_seconds=1)

    answers = in_parallel(
        lambda _: complete_lesson(user_id=user_id, lesson_id=lesson.pk)
    )

    assert len({answer.completed_at for answer in answers}) == 1
    assert LessonProgress.objects.count() == 1
    assert Certificate.objects.count() == 1
    assert len(sent("progress/update")) == 1
    assert len(sent("notification/internal/send")) == 2


@pytest.mark.django_db(transaction=True)
def test_all_lessons_at_once_complete_the_course_once(make_course):
    course, user_id = make_course(lessons=6), uuid7()
    enroll(user_id=user_id, course_key=str(course.pk))
    lessons = lessons_of(course)

    in_parallel(
        lambda number: complete_lesson(
            user_id=user_id, lesson_id=lessons[number % 6].pk
        )
    )

    assert Enrollment.objects.get().state == "completed"
    assert Certificate.objects.count() == 1
    assert len(sent("progress/update")) == 6


@pytest.mark.django_db(transaction=True)
def test_twenty_enrollments_at_once_are_one(make_course):
    course, user_id = make_course(), uuid7()

    answers = in_parallel(lambda _: enroll(user_id=user_id, course_key=str(course.pk)))

    assert sum(is_new for _, is_new in answers) == 1
    assert len({enrollment.pk for enrollment, _ in answers}) == 1
    course.refresh_from_db()
    assert course.enrollments_count == 1


@pytest.mark.django_db(transaction=True)
def test_positions_at_once_leave_the_highest(make_course):
    course, user_id = make_course(), uuid7()
    enroll(user_id=user_id, course_key=str(course.pk))
    lesson = lessons_of(course)[0]

    in_parallel(
        lambda number: save_position(
            user_id=user_id, lesson_id=lesson.pk, position_seconds=number
        )
    )

    assert LessonProgress.objects.get().position_seconds == AT_ONCE - 1


@pytest.mark.django_db
def test_a_subscription_ends_at_its_end_and_the_job_writes_it_down(make_course):
    course, user_id = make_course(enrollment_type="subscription"), uuid7()
    end = MORNING + timedelta(days=30)
    grant_access(
        user_id=user_id, course=None, granted_by=uuid7(), note="month", ends_at=end
    )
    enroll(user_id=user_id, course_key=str(course.pk), clock=lambda: MORNING)

    def taken(at):
        return is_enrolled(user_id=user_id, course_id=course.pk, clock=lambda: at)

    assert taken(end - timedelta(seconds=1))
    assert not taken(end)
    assert expire_enrollments(clock=lambda: end - timedelta(seconds=1)) == 0
    assert expire_enrollments(clock=lambda: end) == 1
    assert expire_enrollments(clock=lambda: end) == 0
    assert Enrollment.objects.get().state == "expired"


@pytest.mark.django_db
def test_the_job_leaves_free_and_granted_courses_alone(make_course):
    user_id = uuid7()
    premium = make_course(title="Premium", enrollment_type="premium")
    grant_access(user_id=user_id, course=premium, granted_by=uuid7(), note="order 7")
    for course in (premium, make_course()):
        enroll(user_id=user_id, course_key=str(course.pk))

    assert job() == 0

    assert set(Enrollment.objects.values_list("state", flat=True)) == {"active"}


@pytest.mark.django_db
def test_a_free_course_that_becomes_premium_stays_open_to_its_learners(make_course):
    course, user_id = make_course(), uuid7()
    enroll(user_id=user_id, course_key=str(course.pk))

    course.enrollment_type = "premium"
    course.save()

    assert is_enrolled(user_id=user_id, course_id=course.pk)
    assert job() == 0
