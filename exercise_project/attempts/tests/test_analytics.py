"""What results say of a test: by rule, and at the author's door."""

import pytest

from exercise_project.attempts.analytics import Result, analyse
from shared.wire.ids import uuid7

from .taking import (
    FORTY,
    make_learner,
    make_test,
    right_answers,
    start,
    submit,
)


def result(*points, minutes=10):
    percent = 100 * sum(points) / len(points)
    by_question = {str(number): point for number, point in enumerate(points)}
    return Result(score_percent=percent, minutes=minutes, points=by_question)


def test_facility_and_discrimination_follow_from_the_points():
    results = [result(1, 1, 1), result(1, 1, 0), result(1, 0, 1), result(1, 0, 0)]

    analysis = analyse(results, {"0": 1, "1": 1, "2": 1})

    assert (analysis.mean_percent, analysis.median_percent) == (66.67, 66.67)
    assert [one.facility for one in analysis.questions] == [1, 0.5, 0.5]
    assert [one.discrimination for one in analysis.questions] == [None, 0, 0]


def test_a_question_that_only_the_able_get_right_tells_apart():
    able, weak = result(1, 1, 1), result(0, 0, 1)

    analysis = analyse([able, able, weak, weak], {"0": 1, "1": 1, "2": 1})

    assert [one.discrimination for one in analysis.questions] == [1, 1, None]


def test_a_question_of_two_points_is_as_easy_as_its_share():
    results = [Result(50, 5, {"a": 1}), Result(100, 8, {"a": 2})]

    analysis = analyse(results, {"a": 2})

    assert analysis.questions[0].facility == 0.75
    assert (analysis.mean_minutes, analysis.median_minutes) == (6.5, 6.5)


@pytest.mark.parametrize("results", [[], [result(1)]])
def test_few_results_tell_nothing_apart(results):
    analysis = analyse(results, {"0": 1})

    assert analysis.attempts == len(results)
    assert analysis.questions[0].discrimination is None


@pytest.mark.django_db
def test_an_author_reads_the_figures_of_the_current_version(client_for):
    author = uuid7()
    exercise = make_test(FORTY[:4], instructor_id=author)
    for right in (4, 2, 0):
        learner = make_learner(client_for)
        attempt = start(learner, exercise)
        submit(learner, attempt, right_answers(attempt, right))
    start(make_learner(client_for), exercise)

    response = client_for(author, role="instructor").get(
        f"/api/v1/exercises/{exercise.pk}/analytics"
    )

    figures = response.json()
    assert response.status_code == 200
    assert (figures["version"], figures["attempts"]) == (1, 3)
    assert (figures["mean_percent"], figures["median_percent"]) == (50.0, 50.0)
    assert [one["facility"] for one in figures["questions"]] == [0.67, 0.67, 0.33, 0.33]
    assert [one["numbers"] for one in figures["questions"]] == [[1], [2], [3], [4]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [("student", 403), ("instructor", 404), ("admin", 200), (None, 401)],
)
def test_others_do_not_read_them(client_for, role, status):
    exercise = make_test(FORTY[:1])
    client = client_for(uuid7(), role=role) if role else client_for()

    response = client.get(f"/api/v1/exercises/{exercise.pk}/analytics")

    assert response.status_code == status


@pytest.mark.django_db
def test_a_draft_has_no_figures(client_for):
    exercise = make_test(FORTY[:1], publish=False)
    admin = client_for(uuid7(), role="admin")

    response = admin.get(f"/api/v1/exercises/{exercise.pk}/analytics")

    assert response.status_code == 404
