"""What exercise-service forgets of a person, keeps for others, no longer lets in."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exercise_project.attempts.models import Attempt
from exercise_project.attempts.services import expire_attempts
from exercise_project.attempts.tests.taking import (
    make_learner,
    make_test,
    put_back,
    right_answers,
    save,
    start,
    submit,
)
from exercise_project.exercises.models import Exercise
from exercise_project.learners.models import Learner
from exercise_project.submissions.models import Submission, TaughtCourse
from exercise_project.submissions.services import mark_submission, submit_work
from shared.contracts.events import CoursePublished, UserRegistered
from shared.testing.erasure import columns_not_asked
from shared.wire.ids import NOBODY, uuid7

pytestmark = pytest.mark.django_db
BANDS = dict.fromkeys(
    [
        "task_response",
        "coherence_and_cohesion",
        "lexical_resource",
        "grammatical_range_and_accuracy",
    ],
    Decimal(6),
)
TEXT = {"skill": "writing", "task": "task_2", "title": "Cars", "text": "Many cars."}


def registered(user_id):
    return UserRegistered(
        user_id=user_id,
        email="ana@example.com",
        full_name="Ana Silva",
        role="student",
        registered_at=timezone.now(),
    )


def published(instructor_id, course_id):
    return CoursePublished(
        course_id=course_id,
        instructor_id=instructor_id,
        title="Writing",
        skill="writing",
        level="beginner",
        published_at=timezone.now(),
    )


def take(client_for, exercise, *, right):
    """Let somebody take an exercise; return who."""
    learner = make_learner(client_for)
    attempt = start(learner, exercise)
    submit(learner, attempt, right_answers(attempt, right))
    return learner


def test_what_the_person_did_is_gone_and_nobody_elses(
    client_for, deliver, erase_person
):
    exercise = make_test()
    ana, ben = (take(client_for, exercise, right=number) for number in (10, 20))
    start(ana, make_test(title="Hills"))
    for learner in (ana, ben):
        deliver(registered(learner.id))
        submit_work(user_id=learner.id, values=TEXT)

    for _ in range(2):
        assert erase_person(ana.id).status_code == 200

    for model in (Attempt, Submission, Learner):
        assert model.objects.get().user_id == ben.id


def test_the_figures_of_an_exercise_are_of_the_attempts_that_are_left(
    client_for, erase_person
):
    author = uuid7()
    exercise = make_test(instructor_id=author)
    ana, _ = (take(client_for, exercise, right=number) for number in (10, 20))
    teacher = client_for(author, role="instructor")
    address = f"/api/v1/exercises/{exercise.pk}/analytics"
    before = teacher.get(address).json()

    erase_person(ana.id)

    after = teacher.get(address).json()
    assert (before["attempts"], before["mean_percent"]) == (2, 37.5)
    assert (after["attempts"], after["mean_percent"]) == (1, 50)


def test_the_end_of_an_attempt_that_is_gone_is_nobodys(client_for, erase_person):
    ana = make_learner(client_for)
    attempt = start(ana, make_test())
    save(ana, attempt, right_answers(attempt, 1))
    put_back(attempt, hours=3)

    erase_person(ana.id)

    assert expire_attempts() == 0


def test_what_an_instructor_published_stays_as_nobodys(deliver, erase_person):
    ian, ben = uuid7(), uuid7()
    course_id = uuid7()
    kept = make_test(instructor_id=ian)
    make_test(instructor_id=ian, publish=False, title="Half a test")
    deliver(published(ian, course_id))
    work = submit_work(user_id=ben, values=TEXT, course_id=course_id)
    mark_submission(
        marker=SimpleNamespace(id=ian, role="instructor"),
        submission_id=work.pk,
        criteria=BANDS,
        feedback="Good.",
    )

    erase_person(ian)

    exercise = Exercise.objects.get()
    assert (exercise.pk, exercise.instructor_id) == (kept.pk, NOBODY)
    assert TaughtCourse.objects.get().instructor_id == NOBODY
    work.refresh_from_db()
    assert (work.marked_by, work.band, work.feedback) == (NOBODY, Decimal(6), "Good.")


def test_a_course_that_is_heard_of_later_is_taught_by_nobody(deliver, erase_person):
    ian = uuid7()
    erase_person(ian)

    deliver(published(ian, uuid7()))

    assert TaughtCourse.objects.get().instructor_id == NOBODY


def test_facts_about_the_person_that_come_later_are_refused(deliver, erase_person):
    ana = uuid7()
    erase_person(ana)

    answer = deliver(registered(ana))

    assert (answer.status_code, answer.json()["code"]) == (410, "account_erased")
    assert not Learner.objects.exists()


def test_every_column_that_may_hold_a_person_is_asked(erase_person):
    with CaptureQueriesContext(connection) as queries:
        erase_person(uuid7())

    assert columns_not_asked(query["sql"] for query in queries) == []
