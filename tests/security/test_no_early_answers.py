"""No key, explanation or transcript reaches anybody before they have submitted.

Looked for in every route of docs/reference/permissions.md that a learner or a visitor
may read, by the names of fields and by what the authors of both full tests wrote.
"""

import re

import pytest

from exercise_project.exercises.content import read_tests
from ops.platform import ROOT
from tests.asking import ask
from tests.internal_calls import key_of
from tests.security.permission_page import rows
from tests.security.world import ANONYMOUS, World

CONTENT = {
    test.values["slug"]: test
    for test in read_tests(ROOT / "exercise_project" / "content")
}
BY_TEST = pytest.mark.parametrize("slug", CONTENT)
READERS = (ANONYMOUS, "owner", "other learner")
READABLE = [
    row
    for row in rows()
    if row.method == "GET"
    and row.of != "the owner's result"
    and any(row.cells[who] == 200 for who in READERS)
]
SECRET_NAMES = {
    *("accepted", "answer", "answer_key", "correct", "correct_answer"),
    *("correct_answers", "evidence", "explanation", "is_correct", "key", "points"),
    *("solution", "solutions", "transcript", "variants"),
}
# Learners have points, too, and an achievement has a key.
NAMES_OF_LEARNERS = {
    "/user/progress": {"points"},
    "/user/achievements": {"key", "points"},
    "/user/leaderboard": {"points"},
    "/user/dashboard": {"points"},
}
ASKED = {"id", "numbers", "choose", "prompt", "options"}
SHORTEST_TELLING = 4  # "B" and "three" are everywhere; "Halloway" is nowhere else


@pytest.fixture(scope="module")
def session_world(session_fleet):
    session_fleet.manage("exercise", "load_exercises")
    return World(session_fleet)


@pytest.fixture
def taken(session_world, slug):
    """The world, its exercise one of the full tests, put into a course's module."""
    world = session_world
    course = world.thing("a published course")
    [exercise_id] = [
        one["id"]
        for page in world.pages(ANONYMOUS, "/exercises")
        for one in page.json()["results"]
        if one["slug"] == slug
    ]
    place(world, exercise_id, course["key"], course["module_id"])
    world.keep("a published exercise", {"exercise_id": exercise_id})
    world.forget("the owner's open attempt")
    yield world
    place(world, exercise_id, None, None)


def place(world, exercise_id, course_id, module_id):
    changes = {"course_id": course_id, "module_id": module_id}
    response = world.ask("admin", "PATCH", f"/exercises/{exercise_id}", changes)
    assert response.status_code == 200, response.text


@BY_TEST
def test_nothing_that_can_be_read_before_the_end_tells_an_answer(taken, slug):
    secrets = telling_secrets(slug)
    attempt = taken.thing("the owner's open attempt")

    answers = list(readable(taken))

    assert {plain(one["explanation"]) for one in questions_in(slug)} <= secrets
    assert len(answers) >= len(READABLE)
    assert any(attempt["attempt_id"] in text_of(answer) for _, answer in answers)
    for where, answer in answers:
        assert told(answer, secrets) == [], where
        others = NAMES_OF_LEARNERS.get(where, set())
        assert names_in(answer) & SECRET_NAMES <= others, where


@BY_TEST
def test_what_an_attempt_answers_tells_nothing_but_questions(taken, slug):
    secrets = telling_secrets(slug)
    path = taken.thing("a published exercise")["exercise_id"]
    begun = taken.make("other learner", f"/exercises/{path}/attempts")
    address = f"/attempts/{begun['id']}"
    questions = list(questions_of(begun))
    own = {questions[0]["id"]: "a guess"}

    saved = taken.ask("other learner", "PATCH", address, {"answers": own})
    again = taken.make("other learner", f"/exercises/{path}/attempts")
    refused = taken.ask(
        "other learner", "PATCH", address, {"answers": {questions[1]["id"]: ["A"] * 30}}
    )

    assert saved.status_code == 200, saved.text
    assert refused.status_code == 400
    for answer in (begun, saved.json(), again, refused.json()):
        assert told(answer, secrets) == []
        assert names_in(answer) & SECRET_NAMES == set()
    assert saved.json()["answers"] == again["answers"] == own
    assert [question.keys() for question in questions] == [ASKED] * len(questions)


@BY_TEST
def test_what_peers_are_told_tells_no_answer(taken, slug):
    secrets = telling_secrets(slug)
    taken.thing("the owner's open attempt")
    module_id = taken.thing("a published course")["module_id"]
    owner_id = taken.people["owner"].id

    of_modules = from_peer(taken, "course", f"by-module?ids={module_id}")
    summary = from_peer(taken, "user", f"summary/{owner_id}")

    assert [one["slug"] for one in of_modules["exercises"]] == [slug]
    assert len(summary["recent_attempts"]) >= 1
    for answer in (of_modules, summary):
        assert told(answer, secrets) == []
        assert names_in(answer) & SECRET_NAMES == set()


@BY_TEST
def test_the_result_tells_all_of_it(taken, slug):
    attempt_id = taken.thing("the owner's open attempt")["attempt_id"]
    taken.forget("the owner's open attempt")

    result = taken.make("owner", f"/attempts/{attempt_id}/submit", {})
    read = taken.read("owner", f"/attempts/{attempt_id}")

    assert result == read
    assert set(told(read, telling_secrets(slug))) == telling_secrets(slug)
    assert names_in(read) >= {"accepted", "explanation", "evidence"}
    key = {one["numbers"][0]: one["accepted"] for one in questions_of(read)}
    assert key == {
        (question.get("numbers") or [question["number"]])[0]: question["answers"]
        for question in questions_in(slug)
    }


# ── what the authors wrote ───────────────────────────────────────────────────────


def telling_secrets(slug):
    """Return what nobody can know before the end: in nothing that is shown till then.

    Sentences of a transcript, explanations, quoted evidence, accepted variants. What a
    passage, a prompt or an option says anyway tells nothing.
    """
    secrets = set()
    for question in questions_in(slug):
        secrets |= {question["explanation"], question["evidence"], *question["answers"]}
    if CONTENT[slug].values["skill"] == "listening":
        for section in CONTENT[slug].sections:
            secrets |= set(re.split(r"(?<=[.?!]) |\n+", section["text"]))
    shown = " ".join(shown_in(slug))
    return {
        secret
        for secret in map(plain, secrets)
        if len(secret) >= SHORTEST_TELLING and secret not in shown
    }


def shown_in(slug):
    """Yield what an open attempt shows of a test, in plain form."""
    test = CONTENT[slug]
    yield from map(plain, map(str, test.values.values()))
    for section in test.sections:
        if test.values["skill"] == "reading":
            yield plain(section["text"])
        yield from strings_in(
            section, hidden={"text", "answers", "explanation", "evidence"}
        )
        for group in section["groups"]:
            yield plain(group.get("text", ""))
            for question in group["questions"]:
                yield from strings_in(question.get("options", []), hidden=set())


def questions_in(slug):
    for section in CONTENT[slug].sections:
        for group in section["groups"]:
            yield from group["questions"]


# ── what an answer says ──────────────────────────────────────────────────────────


def readable(world):
    """Yield what a visitor and two learners read, route by route, and where."""
    for row in READABLE:
        for who in READERS:
            if row.cells[who] != 200:
                continue
            path = row.path.format(**world.thing(row.of))
            for answer in world.pages(who, path):
                if answer.headers["Content-Type"] == "application/json":
                    yield row.path, answer.json()


def from_peer(world, caller, path):
    response = ask(
        "GET",
        f"{world.fleet.url('exercise')}/api/v1/exercise/internal/{path}",
        headers={"X-Internal-API-Key": key_of(world.fleet, caller, "exercise")},
    )
    assert response.status_code == 200, response.text
    return response.json()


def told(answer, secrets):
    text = text_of(answer)
    return [secret for secret in secrets if secret in text]


def text_of(answer):
    return "\n".join(strings_in(answer, hidden=set()))


def strings_in(value, *, hidden):
    """Yield every string in a document, in plain form; not of the *hidden* fields."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in hidden:
                yield from strings_in(one, hidden=hidden)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings_in(one, hidden=hidden)
    elif isinstance(value, str):
        yield plain(value)


def names_in(value):
    """Return the names of all fields in a document."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    return set()


def questions_of(attempt):
    for section in attempt["sections"]:
        for group in section["groups"]:
            yield from group["questions"]


def plain(text):
    """Return a text without marks of Markdown, in small letters, spaced alike."""
    return " ".join(re.sub(r"[*_#>`]", "", text).casefold().split())
