"""What user-service learns of a learner's courses."""

import pytest

from course_project.enrollments.models import Enrollment
from shared.contracts.course import CourseSummary, GetCourseSummary, get_course_summary
from shared.wire.ids import uuid7

from .enrolling import complete, enroll, lessons_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def summary_of(call_internal):
    """Give a function that asks for the summary of a person."""

    def ask(user_id, caller="user"):
        request = GetCourseSummary(user_id=user_id)
        return call_internal(get_course_summary, request, caller=caller)

    return ask


def test_a_summary_names_current_courses_and_counts_completed_ones(
    learner, make_course, summary_of
):
    done, current = make_course(lessons=1), make_course(title="Scanning", lessons=4)
    enroll(learner, done)
    enrollment_id = enroll(learner, current)["id"]
    complete(learner, lessons_of(done)[0])
    complete(learner, lessons_of(current)[0])

    answer = summary_of(learner.id).json()

    assert answer["courses_completed"] == 1
    [item] = answer["current_courses"]
    assert item["enrollment_id"] == enrollment_id
    assert item["title"] == "Scanning"
    assert item["progress_percent"] == 25
    assert item["next_lesson_id"] == str(lessons_of(current)[1].pk)
    assert item["last_studied_at"] is not None


def test_the_courses_studied_last_come_first_and_are_five_at_most(
    learner, make_course, summary_of
):
    courses = [make_course(title=f"Course {number}") for number in range(7)]
    for course in courses:
        enroll(learner, course)
    complete(learner, lessons_of(courses[2])[0])

    titles = [
        item["title"] for item in summary_of(learner.id).json()["current_courses"]
    ]

    assert titles == ["Course 2", "Course 6", "Course 5", "Course 4", "Course 3"]


def test_a_dropped_course_is_not_current(learner, make_course, summary_of):
    enroll(learner, make_course())
    Enrollment.objects.update(state=Enrollment.State.DROPPED)

    assert summary_of(learner.id).json()["current_courses"] == []


def test_somebody_unknown_takes_nothing(summary_of):
    answer = summary_of(uuid7())

    assert answer.status_code == 200
    expected = CourseSummary(current_courses=[], courses_completed=0)
    assert get_course_summary.encoder.encode(expected) == answer.content


def test_only_user_service_may_ask(summary_of):
    assert summary_of(uuid7(), caller="exercise").status_code == 403
