"""An erased account: docs/flows/account-erased.md, tried on the platform."""

import sqlite3
from contextlib import closing, contextmanager, suppress
from uuid import UUID, uuid4

import pytest

from shared.topology import SERVICES
from tests.asking import ask, problem_of
from tests.courses import complete, enroll, write_course
from tests.peers import refusing_peer
from tests.people import PASSWORD, register, try_to_register
from tests.records import query
from tests.waiting import wait_for

SOON_SECONDS = 20
ERASED_SECONDS = 60  # the promise
# The id is kept, that nothing brings the person back, and for half an hour to refuse
# the access tokens.
KEPT = {"server_erasedperson", "server_revocation"}
PEERS_PAGES = {
    "user": "user/profile",
    "course": "enrollments",
    "exercise": "submissions",
    "notification": "notifications",
}


def call(fleet, person, method, path, json=None):
    url = f"{fleet.gateway_url}/api/v1/{path}"
    return ask(method, url, json=json, token=person.access_token)


def must(response):
    assert response.status_code in (200, 201, 204), response.text
    return response.json() if response.content else None


def erase(fleet, person, password=PASSWORD):
    return call(fleet, person, "DELETE", "auth/account", {"password": password})


def tables_with(fleet, service, needles):
    """Return the tables of *service* with a row that holds one of *needles*."""
    found = set()
    with closing(sqlite3.connect(fleet.database(service), timeout=20)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in names.fetchall():
            rows = database.execute(f'SELECT * FROM "{table}"')
            if any(_holds(value, needles) for row in rows for value in row):
                found.add(table)
    return found


def _holds(value, needles):
    if isinstance(value, str):
        value = value.encode()
    return isinstance(value, bytes) and any(needle in value for needle in needles)


def somebody(fleet):
    """Return a person whose last name is in nothing but what is about them."""
    return register(fleet, full_name=f"Ana {uuid4().hex}")


def last_name(person):
    return person.full_name.split()[-1]


def needles_of(person):
    """Return every form in which a database may hold this person."""
    id_ = UUID(person.id)
    texts = (str(id_), id_.hex, id_.hex.upper(), person.email, last_name(person))
    return [id_.bytes, *(text.encode() for text in texts)]


def traces(fleet, person):
    """Return where the databases still hold something of a person."""
    needles = needles_of(person)
    return {
        f"{service}.{table}"
        for service in SERVICES
        for table in tables_with(fleet, service, needles) - KEPT
    }


def wait_until_gone(fleet, *people):
    """Wait until no database holds anything of these people."""
    left = {}

    def is_gone():
        left.update({person.id: traces(fleet, person) for person in people})
        return not any(left.values())

    with suppress(AssertionError):
        wait_for(is_gone, ERASED_SECONDS, "no trace is left")
    assert not any(left.values()), left


@contextmanager
def paused(fleet, service, destination):
    """Let *service* deliver nothing to *destination* meanwhile."""
    fleet.manage(service, "outbox", "pause", destination, "--reason", "a test")
    try:
        yield
    finally:
        fleet.manage(service, "outbox", "resume", destination)


def messages(fleet, service, person, state):
    """Return the ids of the messages of *service* about a person that are so."""
    return query(
        fleet,
        service,
        "SELECT id FROM outbox_outboxmessage WHERE ordering_key = ? AND state = ?",
        person.id,
        state,
    )


def column_of(fleet, service, name, ids):
    """Return the values of a column of messages."""
    sql = f"SELECT {name} FROM outbox_outboxmessage WHERE id = ?"
    return {query(fleet, service, sql, *row)[0][0] for row in ids}


def wait_until_delivered(fleet, service, person):
    wait_for(
        lambda: not messages(fleet, service, person, "pending"),
        SOON_SECONDS,
        f"the messages of {service}",
    )


@pytest.fixture(scope="module")
def course(session_fleet):
    """A course of four lessons that the demo instructor has written."""
    return write_course(session_fleet, lessons=4, title="Forgetting with grace")


def live(fleet, course):
    """Return somebody who has left something in every service."""
    ana = somebody(fleet)
    text = f"I am a {last_name(ana)}."
    must(call(fleet, ana, "PATCH", "user/profile", {"bio": text}))
    enroll(fleet, course, ana.access_token)
    review = {"rating": 2, "text": text}
    must(call(fleet, ana, "POST", f"courses/{course.id}/reviews", review))
    preferences = {"types": {"social": {"email": False}}}
    must(call(fleet, ana, "PATCH", "notifications/preferences", preferences))
    essay = {"skill": "writing", "task": "task_2", "title": "Quokkas", "text": text}
    must(call(fleet, ana, "POST", "submissions", essay))
    exercise = must(call(fleet, ana, "GET", "exercises"))["results"][0]
    attempt = must(call(fleet, ana, "POST", f"exercises/{exercise['id']}/attempts"))
    must(call(fleet, ana, "POST", f"attempts/{attempt['id']}/submit", {}))
    return ana


def test_a_person_is_gone_from_every_service_within_a_minute(fleet, course):
    fleet.manage("exercise", "load_exercises")
    ana = live(fleet, course)
    fleet.stop("notification-web")
    with refusing_peer(fleet.platform.ports["NOTIFICATION_PORT"]):
        must(complete(fleet, course.lesson_ids[0], ana.access_token))
        wait_for(
            lambda: messages(fleet, "course", ana, "dead"),
            SOON_SECONDS,
            "a dead letter",
        )
    fleet.start("notification-web")
    with paused(fleet, "course", "user"):
        for lesson_id in course.lesson_ids[1:]:
            must(complete(fleet, lesson_id, ana.access_token))
        [certificate] = must(call(fleet, ana, "GET", "certificates"))["results"]
        wait_for(
            lambda: must(call(fleet, ana, "GET", "notifications"))["count"] >= 5,
            SOON_SECONDS,
            "the notices",
        )
        assert {place.split(".")[0] for place in traces(fleet, ana)} == set(SERVICES)
        waiting = messages(fleet, "course", ana, "pending")
        dead = messages(fleet, "course", ana, "dead")
        assert (len(waiting) >= 3, len(dead)) == (True, 1)
        refused = erase(fleet, ana, "not the password")
        assert problem_of(refused, 400)["code"] == "wrong_password"

        answer = erase(fleet, ana)

        assert (answer.status_code, answer.content) == (202, b"")
        wait_until_gone(fleet, ana)
    for path in ("auth/me", *PEERS_PAGES.values()):
        assert problem_of(call(fleet, ana, "GET", path), 401)["code"] == "token_revoked"
    page = f"{fleet.gateway_url}/api/v1/certificates/{certificate['code']}"
    assert problem_of(ask("GET", page), 404)["code"] == "certificate_not_found"
    letters = [*waiting, *dead]
    assert column_of(fleet, "course", "state", letters) == {"cancelled"}
    assert column_of(fleet, "course", "reason", letters) == {"account erased"}
    assert column_of(fleet, "course", "payload", letters) == {"{}"}
    shown = ask("GET", f"{fleet.gateway_url}/api/v1/courses/{course.id}").json()
    assert (shown["rating_count"], shown["enrollments_count"]) == (0, 0)
    again = try_to_register(fleet, email=ana.email)
    assert again.status_code == 201
    assert again.json()["user"]["id"] != ana.id


def test_a_service_that_was_down_forgets_when_it_is_back(fleet, course):
    bea = somebody(fleet)
    wait_until_delivered(fleet, "auth", bea)
    fleet.stop("user-web")
    eve = somebody(fleet)
    for person in (bea, eve):
        enroll(fleet, course, person.access_token)
        must(complete(fleet, course.lesson_ids[0], person.access_token))

    answers = [erase(fleet, person).status_code for person in (bea, eve)]
    fleet.start("user-web")

    assert answers == [202, 202]
    wait_until_gone(fleet, bea, eve)


def test_what_is_delivered_after_the_erasure_brings_nobody_back(fleet, course):
    ana = somebody(fleet)
    enroll(fleet, course, ana.access_token)
    wait_until_delivered(fleet, "auth", ana)
    fleet.stop("course-worker")
    must(complete(fleet, course.lesson_ids[0], ana.access_token))
    letters = messages(fleet, "course", ana, "pending")
    fleet.stop("course-web")
    assert erase(fleet, ana).status_code == 202
    wait_for(
        lambda: knows(fleet, "user", ana) and knows(fleet, "notification", ana),
        SOON_SECONDS,
        "the news at user and notification",
    )

    fleet.start("course-worker")

    wait_until_delivered(fleet, "course", ana)
    assert len(letters) == 2
    assert column_of(fleet, "course", "state", letters) == {"cancelled"}
    assert column_of(fleet, "course", "last_outcome", letters) == {"http_410"}
    fleet.start("course-web")
    wait_until_gone(fleet, ana)


def knows(fleet, service, person):
    """Say whether *service* has heard that a person was erased."""
    sql = "SELECT user_id FROM server_erasedperson WHERE user_id = ?"
    return query(fleet, service, sql, UUID(person.id).hex)
