"""An attempt, door by door: docs/flows/attempt-submitted.md, tried on the platform."""

import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ops.platform import ROOT
from tests.asking import ask, problem_of
from tests.people import register
from tests.records import execute, query
from tests.waiting import wait_for

SOON_SECONDS = 4
EXPIRY_SECONDS = 20  # the job looks every ten
READING, LISTENING = "academic-reading-test-1", "listening-test-1"


@pytest.fixture
def ana(fleet):
    """Give a learner on a platform with its two tests."""
    fleet.manage("exercise", "load_exercises")
    return register(fleet, full_name="Ana Lopez")


def call(fleet, person, method, path, json=None):
    url = f"{fleet.gateway_url}/api/v1/{path}"
    return ask(method, url, json=json, token=person.access_token)


def read(fleet, person, path):
    response = call(fleet, person, "GET", path)
    assert response.status_code == 200, response.text
    return response.json()


def start(fleet, person, slug=READING):
    skill = "listening" if slug == LISTENING else "reading"
    listed = read(fleet, person, f"exercises?skill={skill}&page_size=100")["results"]
    [exercise_id] = [row["id"] for row in listed if row["slug"] == slug]
    response = call(fleet, person, "POST", f"exercises/{exercise_id}/attempts")
    assert response.status_code == 201, response.text
    return response.json()


def submit(fleet, person, attempt):
    return call(fleet, person, "POST", f"attempts/{attempt['id']}/submit", {})


def save(fleet, person, attempt, answers):
    path = f"attempts/{attempt['id']}"
    response = call(fleet, person, "PATCH", path, {"answers": answers})
    assert response.status_code == 200, response.text


def right_answers(attempt, count, slug=READING):
    """Answer questions from the key in the files, for *count* points."""
    key = {}
    path = ROOT / "exercise_project" / "content" / slug / "test.toml"
    for section in tomllib.loads(path.read_text())["sections"]:
        for group in section["groups"]:
            for question in group["questions"]:
                numbers = question.get("numbers") or [question["number"]]
                key[numbers[0]] = question["answers"]
    answers = {}
    for section in attempt["sections"]:
        for group in section["groups"]:
            for question in group["questions"]:
                points, worth = count, question["choose"]
                if worth == 1 and points:
                    answers[question["id"]] = key[question["numbers"][0]][0]
                    count -= 1
                elif worth > 1 and points:
                    letters = key[question["numbers"][0]][:points]
                    answers[question["id"]] = letters
                    count -= len(letters)
    assert count == 0
    return answers


def statistic(fleet, person, skill="reading"):
    return read(fleet, person, f"user/statistics/{skill}")


def results_told(fleet, person):
    notices = read(fleet, person, "notifications?type=exercise_graded")
    return [notice["title"] for notice in notices["results"]]


def test_thirty_of_forty_reach_statistics_progress_and_the_learner(fleet, ana):
    attempt = start(fleet, ana)
    save(fleet, ana, attempt, right_answers(attempt, 30))

    response = submit(fleet, ana, attempt)

    result = response.json()
    assert response.status_code == 200, response.text
    assert (result["raw_score"], result["score_percent"]) == (30, 75.0)
    assert (result["band"], result["state"]) == (7.0, "graded")
    wait_for(
        lambda: statistic(fleet, ana)["practices"] == 1, SOON_SECONDS, "the statistics"
    )
    reading = statistic(fleet, ana)
    assert (reading["average_percent"], reading["best_percent"]) == (75.0, 75.0)
    assert reading["estimated_band"] == 7.0
    wait_for(
        lambda: read(fleet, ana, "user/progress")["exercises_completed"] == 1,
        SOON_SECONDS,
        "the progress",
    )
    assert read(fleet, ana, "user/progress")["current_streak_days"] == 1
    wait_for(
        lambda: (
            results_told(fleet, ana) == [f"Band 7.0: {result['exercise']['title']}"]
        ),
        SOON_SECONDS,
        "the notice",
    )


def test_none_right_counts_as_much_as_thirty(fleet, ana):
    first = start(fleet, ana)
    save(fleet, ana, first, right_answers(first, 30))
    submit(fleet, ana, first)

    nothing = submit(fleet, ana, start(fleet, ana)).json()

    assert (nothing["score_percent"], nothing["band"]) == (0.0, 0.0)
    wait_for(
        lambda: statistic(fleet, ana)["practices"] == 2, SOON_SECONDS, "two practices"
    )
    reading = statistic(fleet, ana)
    assert (reading["average_percent"], reading["last_percent"]) == (37.5, 0.0)


def test_forty_of_forty_in_listening_are_band_9(fleet, ana):
    attempt = start(fleet, ana, LISTENING)
    save(fleet, ana, attempt, right_answers(attempt, 40, LISTENING))

    result = submit(fleet, ana, attempt).json()

    assert (result["raw_score"], result["band"]) == (40, 9.0)
    assert all(section["text"] is None for section in attempt["sections"])
    assert all(section["text"] for section in result["sections"])


def test_twenty_submissions_at_once_give_one_result_and_count_once(fleet, ana):
    attempt = start(fleet, ana)
    save(fleet, ana, attempt, right_answers(attempt, 12))

    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: submit(fleet, ana, attempt), range(20)))
    again = submit(fleet, ana, attempt)

    assert [one.status_code for one in responses] == [200] * 20
    assert all(one.json() == again.json() for one in responses)
    wait_for(lambda: results_told(fleet, ana), SOON_SECONDS, "the notice")
    wait_for(lambda: statistic(fleet, ana)["practices"], SOON_SECONDS, "the statistics")
    wait_for(lambda: not _undelivered(fleet), SOON_SECONDS, "an empty outbox")
    assert statistic(fleet, ana)["practices"] == 1
    assert read(fleet, ana, "user/progress")["exercises_completed"] == 1
    assert len(results_told(fleet, ana)) == 1


def test_twenty_starts_at_once_are_one_attempt(fleet, ana):
    listed = read(fleet, ana, "exercises?skill=reading&page_size=100")["results"]
    [path] = [
        f"exercises/{row['id']}/attempts" for row in listed if row["slug"] == READING
    ]

    with ThreadPoolExecutor(20) as pool:
        responses = list(pool.map(lambda _: call(fleet, ana, "POST", path), range(20)))

    statuses = sorted(one.status_code for one in responses)
    assert statuses == [200] * 19 + [201]
    assert len({one.json()["id"] for one in responses}) == 1


def test_when_time_and_grace_are_over_the_autosave_is_graded(fleet, ana):
    attempt = start(fleet, ana)
    save(fleet, ana, attempt, right_answers(attempt, 20))
    _end_time_of(fleet, attempt)

    def state():
        return read(fleet, ana, f"attempts/{attempt['id']}")["state"]

    wait_for(lambda: state() == "expired", EXPIRY_SECONDS, "the worker's look")
    late = call(fleet, ana, "PATCH", f"attempts/{attempt['id']}", {"answers": {}})
    assert problem_of(late, 409)["code"] == "attempt_closed"
    assert submit(fleet, ana, attempt).json()["score_percent"] == 50.0
    wait_for(
        lambda: statistic(fleet, ana)["average_percent"] == 50.0,
        SOON_SECONDS,
        "the statistics",
    )
    assert statistic(fleet, ana)["minutes"] == 60


def test_results_wait_for_a_user_service_that_is_away(fleet, ana):
    attempt = start(fleet, ana)
    save(fleet, ana, attempt, right_answers(attempt, 10))
    fleet.stop("user-web")

    result = submit(fleet, ana, attempt)
    fleet.start("user-web")

    assert result.status_code == 200
    wait_for(
        lambda: statistic(fleet, ana)["average_percent"] == 25.0,
        EXPIRY_SECONDS,
        "the statistics after the outage",
    )


def _undelivered(fleet):
    return query(
        fleet,
        "exercise",
        "SELECT type FROM outbox_outboxmessage WHERE state = 'pending'",
    )


def _end_time_of(fleet, attempt):
    """Let the attempt have begun two hours ago, and been saved an hour later."""
    began = datetime.now(UTC) - timedelta(hours=2)
    hour_later = began + timedelta(hours=1)
    changed = execute(
        fleet,
        "exercise",
        "UPDATE attempts_attempt"
        " SET started_at = ?, saved_at = ?, deadline_at = ?, closes_at = ?"
        " WHERE replace(CAST(id AS text), '-', '') = ?",
        *(_stored(moment) for moment in (began, *[hour_later] * 3)),
        attempt["id"].replace("-", ""),
    )
    assert changed == 1


def _stored(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
