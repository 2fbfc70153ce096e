"""Broadcasts through the gateway: an admin says it, each learner reads it once."""

from uuid import uuid4

import pytest

from tests.asking import ask, problem_of
from tests.broadcasts import Announcer
from tests.courses import enroll, write_course
from tests.people import register
from tests.records import once_each, query, readers
from tests.waiting import wait_for

SOON_SECONDS = 30


@pytest.fixture
def announcer(fleet):
    return Announcer(fleet)


@pytest.fixture
def learner(fleet):
    """Give somebody of whom notification-service has heard."""
    person = register(fleet)
    wait_for(
        lambda: readers(fleet, [person.id]) == once_each([person.id]),
        SOON_SECONDS,
        "the registration at notification",
    )
    return person


def titles(fleet, person):
    """Return the titles of a person's notices of the type system, newest first."""
    url = f"{fleet.gateway_url}/api/v1/notifications?type=system"
    answer = ask("GET", url, token=person.access_token).json()
    return [item["title"] for item in answer["results"]]


def test_what_an_admin_tells_students_a_learner_reads_once(fleet, announcer, learner):
    title = f"Maintenance {uuid4()}"

    id_ = announcer.broadcast(title=title, audience="role", role="student")

    wait_for(lambda: announcer.is_completed(id_), SOON_SECONDS, "the broadcast")
    assert titles(fleet, learner).count(title) == 1
    done = announcer.look(id_)
    assert done["total"] == done["sent"] + done["suppressed"] >= 1


def test_a_learner_broadcasts_nothing(fleet, learner):
    url = f"{fleet.gateway_url}/api/v1/notifications/broadcasts"

    refused = ask("POST", url, json={"audience": "all"}, token=learner.access_token)

    problem_of(refused, 403)


def test_the_learners_of_a_course_are_told_and_nobody_else(fleet, announcer, learner):
    course = write_course(fleet, lessons=1, title="Announced")
    enroll(fleet, course, learner.access_token)
    other, title = register(fleet), f"New lesson {uuid4()}"
    wait_for(
        lambda: query(
            fleet,
            "notification",
            "SELECT 1 FROM broadcasts_coursemember WHERE course_id IN (?, ?)",
            course.id,
            course.id.replace("-", ""),
        ),
        SOON_SECONDS,
        "the enrollment at notification",
    )

    id_ = announcer.broadcast(title=title, audience="course", course_id=course.id)

    wait_for(lambda: announcer.is_completed(id_), SOON_SECONDS, "the broadcast")
    assert (announcer.look(id_)["total"], announcer.look(id_)["sent"]) == (1, 1)
    assert title in titles(fleet, learner)
    assert title not in titles(fleet, other)
