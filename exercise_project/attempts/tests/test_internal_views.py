"""The part of the dashboard that exercise-service gives."""

import pytest

from shared.contracts.exercise import GetExerciseSummary, get_exercise_summary
from shared.wire.ids import uuid7

from .taking import FORTY, make_learner, make_test, right_answers, start, submit

pytestmark = pytest.mark.django_db


def ask(call_internal, user_id, caller="user"):
    request = GetExerciseSummary(user_id=user_id)
    return call_internal(get_exercise_summary, request, caller=caller)


def test_a_summary_has_the_latest_attempts_with_titles(client_for, call_internal):
    ana = make_learner(client_for)
    exercise = make_test(FORTY[:4])
    for _ in range(5):
        attempt = start(ana, exercise)
        submit(ana, attempt, right_answers(attempt, 3))
    open_one = start(ana, exercise)
    start(make_learner(client_for), exercise)

    response = ask(call_internal, ana.id)

    summary = response.json()
    first, second, *_ = summary["recent_attempts"]
    assert response.status_code == 200
    assert summary["attempts_graded"] == 5
    assert len(summary["recent_attempts"]) == 5
    assert (first["attempt_id"], first["state"]) == (open_one["id"], "in_progress")
    assert (first["score_percent"], first["raw_score"]) == (None, None)
    assert (second["title"], second["score_percent"]) == ("Rivers", 75)
    assert (second["band"], second["estimated_band"]) == (None, 7)


def test_a_summary_of_somebody_new_is_empty(call_internal):
    response = ask(call_internal, uuid7())

    assert response.json() == {"recent_attempts": [], "attempts_graded": 0}


def test_only_user_service_may_ask(call_internal):
    response = ask(call_internal, uuid7(), caller="course")

    assert response.status_code == 403
    assert response.json()["code"] == "caller_not_allowed"
