"""Attempts at the learners' door, and what they leave in the outbox."""

import json
from datetime import timedelta

import pytest

from exercise_project.attempts.models import Attempt
from exercise_project.exercises import services as authoring
from exercise_project.exercises.models import Exercise, Question
from shared.contracts.events import AttemptGraded
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7

from .taking import (
    FORTY,
    NOTICE,
    PROGRESS,
    STATISTICS,
    make_learner,
    make_test,
    put_back,
    questions_of,
    right_answers,
    save,
    sent,
    start,
    submit,
)

pytestmark = pytest.mark.django_db
UNKNOWN = "018f0000-0000-7000-8000-000000000000"


@pytest.fixture
def ana(client_for):
    """Give a learner."""
    return make_learner(client_for)


def read(learner, attempt):
    return learner.client.get(f"/api/v1/attempts/{attempt['id']}")


def test_a_start_gives_questions_and_the_servers_deadline(ana):
    exercise = make_test()

    response = ana.client.post(f"/api/v1/exercises/{exercise.pk}/attempts")

    attempt = response.json()
    stored = Attempt.objects.get()
    assert response.status_code == 201
    assert attempt["state"] == "in_progress"
    assert len(questions_of(attempt)) == 40
    assert attempt["sections"][0]["text"] == "secret-passage of a river"
    assert stored.user_id == ana.id
    assert stored.deadline_at - stored.started_at == timedelta(minutes=60)
    assert stored.closes_at - stored.deadline_at == timedelta(seconds=30)


def test_an_open_attempt_is_returned_again_with_its_answers(ana):
    exercise = make_test()
    attempt = start(ana, exercise)
    answers = right_answers(attempt, 2)
    save(ana, attempt, answers)

    response = ana.client.post(f"/api/v1/exercises/{exercise.pk}/attempts")

    assert response.status_code == 200
    assert response.json()["id"] == attempt["id"]
    assert response.json()["answers"] == answers
    assert response.json()["deadline_at"] == attempt["deadline_at"]


def test_after_a_result_there_is_a_new_attempt(ana):
    exercise = make_test()
    first = start(ana, exercise)
    submit(ana, first)

    response = ana.client.post(f"/api/v1/exercises/{exercise.pk}/attempts")

    assert response.status_code == 201
    assert response.json()["id"] != first["id"]


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_what_is_not_published_cannot_be_started(ana, state):
    exercise = make_test(publish=state == "archived")
    if state == "archived":
        authoring.archive_exercise(exercise_id=exercise.pk)

    response = ana.client.post(f"/api/v1/exercises/{exercise.pk}/attempts")

    assert response.status_code == 404
    assert response.json()["code"] == "exercise_not_found"


def test_thirty_of_forty_are_75_percent_and_band_7(ana, listened_to, assert_published):
    exercise = make_test()
    attempt = start(ana, exercise)
    save(ana, attempt, right_answers(attempt, 30))
    put_back(attempt, minutes=25)

    response = submit(ana, attempt)

    result = response.json()
    assert response.status_code == 200
    assert result["state"] == "graded"
    assert (result["raw_score"], result["question_count"]) == (30, 40)
    assert (result["score_percent"], result["band"]) == (75.0, 7.0)
    assert result["estimated_band"] is None
    assert result["minutes"] == 25
    [statistics], [progress], [notice] = sent(STATISTICS), sent(PROGRESS), sent(NOTICE)
    assert statistics["user_id"] == str(ana.id)
    assert (statistics["skill"], statistics["score_percent"]) == ("reading", 75.0)
    assert (statistics["band"], statistics["time_minutes"]) == (7.0, 25)
    assert (progress["exercises_completed"], progress["study_minutes"]) == (1, 25)
    assert progress["resource_title"] == "Rivers"
    assert progress["occurred_at"] == statistics["occurred_at"]
    assert notice["template"] == "attempt_graded_band"
    assert notice["params"] == {
        "title": "Rivers",
        "raw_score": "30",
        "question_count": "40",
        "percent": "75",
        "band": "7.0",
    }
    assert notice["action"] == {"kind": "attempt", "target": attempt["id"]}
    assert_published(AttemptGraded, raw_score=30, score_percent=75.0, band=7.0)


def test_none_right_is_0_percent_and_counts(ana):
    attempt = start(ana, make_test())

    result = submit(ana, attempt).json()

    assert (result["raw_score"], result["score_percent"]) == (0, 0.0)
    assert result["band"] == 0.0
    assert [row["score_percent"] for row in sent(STATISTICS)] == [0.0]
    assert [row["exercises_completed"] for row in sent(PROGRESS)] == [1]


def test_a_shorter_test_has_an_estimate_and_no_band(ana):
    attempt = start(ana, make_test(FORTY[:4]))

    result = submit(ana, attempt, right_answers(attempt, 3)).json()

    assert (result["score_percent"], result["band"]) == (75.0, None)
    assert result["estimated_band"] == 7.0
    assert "band" not in {key for key, value in sent(STATISTICS)[0].items() if value}
    assert sent(NOTICE)[0]["template"] == "attempt_graded"


def test_a_second_submission_gives_the_first_result_and_no_new_effect(ana):
    attempt = start(ana, make_test())
    first = submit(ana, attempt, right_answers(attempt, 10)).json()
    messages = OutboxMessage.objects.count()

    again = submit(ana, attempt, right_answers(attempt, 40))

    assert again.status_code == 200
    assert again.json() == first
    assert OutboxMessage.objects.count() == messages


def test_a_result_shows_keys_and_reasons(ana):
    attempt = start(ana, make_test())
    [right, wrong] = questions_of(attempt)[:2]

    result = submit(ana, attempt, {right["id"]: "WORD1.", wrong["id"]: "no"}).json()

    first, second = questions_of(result)[:2]
    assert (first["answer"], first["points"]) == ("WORD1.", 1)
    assert (second["answer"], second["points"]) == ("no", 0)
    assert second["accepted"] == ["word2"]
    assert second["explanation"] == "secret-explanation 2"
    assert second["evidence"] == "secret-evidence 2"


def test_nothing_of_the_key_is_in_any_answer_before_the_end(ana):
    exercise = make_test(skill="listening")
    attempt = start(ana, exercise)
    question = questions_of(attempt)[0]

    answers = [
        ana.client.post(f"/api/v1/exercises/{exercise.pk}/attempts"),
        save(ana, attempt, {question["id"]: "mine"}),
        read(ana, attempt),
        ana.client.get("/api/v1/attempts"),
    ]

    for response in answers:
        assert response.status_code == 200
        assert b"secret" not in response.content
        assert b"word" not in response.content.replace(b"word_limit", b"")
    assert attempt["sections"][0]["text"] is None


def test_a_transcript_comes_with_the_result(ana):
    attempt = start(ana, make_test(skill="listening"))

    result = submit(ana, attempt).json()

    assert result["sections"][0]["text"] == "secret-passage of a river"


def test_saved_answers_add_up_and_null_takes_one_back(ana):
    attempt = start(ana, make_test())
    one, two, *_ = (question["id"] for question in questions_of(attempt))
    save(ana, attempt, {one: "a", two: "b"})

    response = save(ana, attempt, {one: None, two: "c"})

    assert response.status_code == 200
    assert response.json()["answers"] == {two: "c"}


def test_nothing_is_saved_after_submission(ana):
    attempt = start(ana, make_test())
    submit(ana, attempt)

    response = save(ana, attempt, right_answers(attempt, 1))

    assert response.status_code == 409
    assert response.json()["code"] == "attempt_closed"


def test_within_the_grace_answers_still_count(ana):
    attempt = start(ana, make_test())
    put_back(attempt, minutes=60, seconds=20)

    result = submit(ana, attempt, right_answers(attempt, 8)).json()

    assert (result["state"], result["raw_score"]) == ("graded", 8)
    assert result["minutes"] == 60


def test_beyond_the_grace_the_last_autosave_is_graded(ana):
    attempt = start(ana, make_test())
    save(ana, attempt, right_answers(attempt, 5))
    put_back(attempt, minutes=60, seconds=31)

    saved_late = save(ana, attempt, right_answers(attempt, 40))
    result = submit(ana, attempt, right_answers(attempt, 40)).json()

    assert saved_late.status_code == 409
    assert (result["state"], result["raw_score"]) == ("expired", 5)
    assert [row["score_percent"] for row in sent(STATISTICS)] == [12.5]
    assert [row["template"] for row in sent(NOTICE)] == ["attempt_expired"]


def test_an_open_attempt_whose_time_is_over_makes_room_for_a_new_one(ana):
    exercise = make_test()
    attempt = start(ana, exercise)
    save(ana, attempt, right_answers(attempt, 5))
    put_back(attempt, minutes=61)

    another = start(ana, exercise)

    assert another["id"] != attempt["id"]
    assert read(ana, attempt).json()["raw_score"] == 5


def test_editing_a_test_changes_no_attempt_and_no_result(ana):
    exercise = make_test()
    done, open_one = start(ana, exercise), None
    result = submit(ana, done, right_answers(done, 40)).json()
    open_one = start(ana, exercise)
    [question] = Question.objects.filter(number=1)
    authoring.change_part(part=question, changes={"answers": ["other"]})
    authoring.publish_exercise(exercise_id=exercise.pk)

    finished = submit(ana, open_one, right_answers(open_one, 40)).json()

    assert read(ana, done).json() == result
    assert (finished["raw_score"], finished["version"]) == (40, 1)
    assert start(ana, exercise)["version"] == 2


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({UNKNOWN: "a"}, "unknown_question"),
        ({"first": 7}, "not_a_string"),
        ({"first": ["A"]}, "wrong_type"),
        ({"first": {"a": 1}}, "not_a_string"),
        ({"first": True}, "not_a_string"),
        ({"first": "a\u0000b"}, None),
        ({"first": "x" * 501}, "max_length"),
        ({"nonsense": "a"}, "unknown_question"),
        ("all right", "not_a_dict"),
    ],
)
def test_answers_that_do_not_fit_are_refused(ana, answers, code):
    attempt = start(ana, make_test())
    first = questions_of(attempt)[0]["id"]
    if isinstance(answers, dict):
        answers = {first if k == "first" else k: v for k, v in answers.items()}

    saved, submitted = save(ana, attempt, answers), submit(ana, attempt, answers)

    for response in (saved, submitted):
        assert response.status_code == 400, response.content
        errors = response.json().get("errors", [])
        assert code is None or [error["code"] for error in errors] == [code]
    stored = Attempt.objects.get()
    assert (stored.state, stored.answers) == ("in_progress", {})


def test_questions_of_another_version_are_unknown(ana):
    attempt, other = start(ana, make_test()), start(ana, make_test())

    response = save(ana, attempt, right_answers(other, 1))

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_answers"


def test_letters_are_a_list(ana):
    exercise = make_test(FORTY[:1], publish=False)
    group = authoring.add_group(
        section=exercise.versions.get().sections.get(),
        values={
            "type": "multiple_select",
            "options": [{"letter": one, "text": one} for one in "ABCD"],
        },
    )
    authoring.add_question(
        group=group,
        values={"number": 2, "choose": 2, "prompt": "Two?", "answers": ["A", "C"]},
    )
    authoring.publish_exercise(exercise_id=exercise.pk)
    attempt = start(ana, exercise)
    question = questions_of(attempt)[1]

    as_text = save(ana, attempt, {question["id"]: "A"})
    result = submit(ana, attempt, {question["id"]: ["c", "B", "A"]}).json()

    assert as_text.json()["errors"][0]["code"] == "wrong_type"
    assert question["numbers"] == [2, 3]
    assert (result["raw_score"], result["question_count"]) == (1, 3)


@pytest.mark.parametrize("method", ["get", "patch", "submit"])
def test_other_peoples_attempts_are_not_found(client_for, ana, method):
    attempt = start(ana, make_test())
    other = make_learner(client_for)

    response = {
        "get": lambda: read(other, attempt),
        "patch": lambda: save(other, attempt, {}),
        "submit": lambda: submit(other, attempt),
    }[method]()

    assert response.status_code == 404
    assert response.json()["code"] == "attempt_not_found"


def test_nobody_takes_a_test_without_signing_in(client_for):
    exercise = make_test(FORTY[:1])

    response = client_for().post(f"/api/v1/exercises/{exercise.pk}/attempts")

    assert response.status_code == 401


def test_the_history_has_titles_and_filters(ana, client_for):
    reading, listening = make_test(), make_test(FORTY[:2], skill="listening")
    submit(ana, start(ana, reading))
    start(ana, listening)
    start(make_learner(client_for), reading)

    everything = ana.client.get("/api/v1/attempts").json()
    graded = ana.client.get("/api/v1/attempts?state=graded").json()
    heard = ana.client.get("/api/v1/attempts?skill=listening").json()
    one = ana.client.get(f"/api/v1/attempts?exercise={reading.pk}").json()

    assert everything["count"] == 2
    assert everything["results"][1]["exercise"]["title"] == "Rivers"
    assert [row["state"] for row in graded["results"]] == ["graded"]
    assert [row["exercise"]["skill"] for row in heard["results"]] == ["listening"]
    assert one["count"] == 1
    assert ana.client.get("/api/v1/attempts?user=1").status_code == 400


def test_the_history_costs_two_queries_however_long_it_is(
    ana, django_assert_num_queries
):
    for _ in range(3):
        start(ana, make_test(FORTY[:1]))

    with django_assert_num_queries(2):
        ana.client.get("/api/v1/attempts")


def test_an_unknown_exercise_is_not_found(ana):
    response = ana.client.post(f"/api/v1/exercises/{uuid7()}/attempts")

    assert response.status_code == 404
    assert not Exercise.objects.exists()


def test_the_schema_tells_the_two_shapes_of_an_attempt_apart(client_for):
    json_please = "application/vnd.oai.openapi+json"

    response = client_for().get("/api/schema", HTTP_ACCEPT=json_please)

    shapes = json.loads(response.content)["components"]["schemas"]
    states = [
        set(shapes[shapes[name]["properties"]["state"]["$ref"].split("/")[-1]]["enum"])
        for name in ("OpenAttempt", "AttemptResult")
    ]
    assert states == [{"in_progress", "abandoned"}, {"graded", "expired"}]
    assert set.union(*states) == set(Attempt.State.values)
