"""The start page of exercise's admin: all for admins, their own for instructors."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from exercise_project.attempts.models import Attempt
from exercise_project.attempts.tests.taking import FORTY, make_learner, make_test
from exercise_project.submissions.models import Submission
from exercise_project.submissions.services import mark_submission
from shared.staff.models import StaffUser
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
# Those of every start page; attempts past their time, work to mark; five figures.
QUERIES = 11 + 2 + 5
BANDS = {
    "fluency_and_coherence": 6,
    "lexical_resource": 6,
    "grammatical_range_and_accuracy": 6,
    "pronunciation": 6,
}


@pytest.fixture
def browser(teacher):
    """Give a browser in which the instructor is signed in."""
    browser = Client()
    user = StaffUser.objects.create(
        id=teacher.id,
        email="ian@example.org",
        role="instructor",
        is_staff=True,
        verified_at=timezone.now(),
    )
    browser.force_login(user)
    return browser


def desk_of(browser):
    return browser.get("/admin/").context["desk"]


def cards_of(browser):
    return {card.title: (card.value, card.note) for card in desk_of(browser)["cards"]}


def take(learner, exercise, *, correct):
    path = f"/api/v1/exercises/{exercise.pk}/attempts"
    attempt = learner.client.post(path).json()
    questions = exercise.current_version.questions()
    answers = {
        str(question.pk): question.answers[0] for question in list(questions)[:correct]
    }
    path = f"/api/v1/attempts/{attempt['id']}/submit"
    response = learner.client.post(path, {"answers": answers})
    assert response.status_code == 200, response.content


def talk_for(course, **about):
    return Submission.objects.create(
        user_id=uuid7(),
        course=course,
        skill="speaking",
        title="My town",
        recording_url="https://example.org/talk.mp3",
        **about,
    )


def test_what_was_done_today_is_counted(operator, client_for, course):
    exercise = make_test()
    take(make_learner(client_for), exercise, correct=40)
    Attempt.objects.update(
        started_at=timezone.now() - timedelta(days=1),
        graded_at=timezone.now() - timedelta(days=1),
    )
    take(make_learner(client_for), exercise, correct=10)
    take(make_learner(client_for), exercise, correct=19)
    make_learner(client_for).client.post(f"/api/v1/exercises/{exercise.pk}/attempts")
    talk_for(course)
    mark_submission(
        marker=operator.user,
        submission_id=talk_for(course).pk,
        criteria=BANDS,
        feedback="",
    )

    assert cards_of(operator) == {
        "Attempts": ("3", "yesterday 1"),
        "Results": ("2", "yesterday 1"),
        "Mean result": ("36.2", "yesterday 100.0 %"),
        "Submissions": ("2", "yesterday 0"),
        "Marked": ("1", "yesterday 0"),
    }


def test_an_instructor_sees_the_figures_of_their_own_work(
    browser, teacher, client_for, course
):
    take(
        make_learner(client_for),
        make_test(FORTY[:2], slug="own", instructor_id=teacher.id),
        correct=1,
    )
    take(make_learner(client_for), make_test(FORTY[:2], slug="other"), correct=2)
    talk_for(course)
    talk_for(None)

    cards = cards_of(browser)

    assert cards["Attempts"] == ("1", "yesterday 0")
    assert cards["Mean result"] == ("50.0", "yesterday —")
    assert cards["Submissions"] == ("1", "yesterday 0")


def test_work_to_mark_is_told_to_who_marks_it(operator, browser, course):
    talk_for(course, submitted_at=timezone.now() - timedelta(days=2, hours=1))
    talk_for(None)

    [own] = desk_of(browser)["attention"]
    [every] = desk_of(operator)["attention"]

    assert own.text == "1 submission waits to be marked, the oldest for 2\xa0days."
    assert every.text == "2 submissions wait to be marked, the oldest for 2\xa0days."
    assert browser.get(own.link).context["cl"].result_count == 1


def test_attempts_that_nobody_ends_are_told_to_operators(operator, browser, client_for):
    path = f"/api/v1/exercises/{make_test().pk}/attempts"
    make_learner(client_for).client.post(path)
    Attempt.objects.update(closes_at=timezone.now() - timedelta(minutes=2))

    [concern] = desk_of(operator)["attention"]

    assert concern.text == (
        "1 attempt is past the deadline without a result: does the worker run?"
    )
    assert operator.get(concern.link).context["cl"].result_count == 1
    assert desk_of(browser)["attention"] == []


def test_the_page_costs_the_same_for_one_row_and_for_many(
    operator, client_for, course, django_assert_num_queries
):
    exercise = make_test(FORTY[:2])
    for _ in range(3):
        take(make_learner(client_for), exercise, correct=1)
        talk_for(course)

    with django_assert_num_queries(QUERIES):
        operator.get("/admin/")
