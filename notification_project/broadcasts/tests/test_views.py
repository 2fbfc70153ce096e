"""Admins and their broadcasts, through the public door."""

from types import SimpleNamespace

import pytest

from notification_project.broadcasts.models import Broadcast
from notification_project.notices.models import Notice
from shared.wire.ids import uuid7

from .broadcasting import (
    BROADCASTS,
    TEXT,
    make_broadcast,
    make_readers,
    opt_out,
    send_all,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def platform_admin(client_for):
    """Give an admin of the platform: ``id``, and ``client`` to act with."""
    id_ = uuid7()
    return SimpleNamespace(id=id_, client=client_for(id_, role="admin"))


def test_a_broadcast_has_the_documented_members(platform_admin):
    make_readers(2)

    response = platform_admin.client.post(
        BROADCASTS,
        {
            "audience": "role",
            "role": "student",
            **TEXT,
            "action": {"kind": "url", "target": "/status"},
        },
    )

    assert response.status_code == 202
    stored = Broadcast.objects.get()
    answer = response.json()
    assert platform_admin.client.get(f"{BROADCASTS}/{stored.pk}").json() == answer
    assert answer.pop("created_at") is not None
    assert answer == {
        "id": str(stored.pk),
        "state": "pending",
        "audience": "role",
        "role": "student",
        "course_id": None,
        **TEXT,
        "action": {"kind": "url", "target": "/status"},
        "total": 2,
        "sent": 0,
        "suppressed": 0,
        "created_by": str(platform_admin.id),
        "finished_at": None,
    }
    assert not Notice.objects.exists()


def test_the_progress_of_a_broadcast_is_shown(platform_admin):
    people = make_readers(3)
    opt_out(people[:1])
    broadcast = make_broadcast()
    send_all()

    shown = platform_admin.client.get(f"{BROADCASTS}/{broadcast.pk}").json()

    assert shown["state"] == "completed"
    assert (shown["total"], shown["sent"], shown["suppressed"]) == (3, 2, 1)


def test_a_person_reads_what_was_broadcast(client_for):
    [reader] = make_readers(1)
    make_broadcast()
    send_all()

    answer = client_for(reader).get("/api/v1/notifications").json()

    assert [item["title"] for item in answer["results"]] == ["Maintenance"]


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_only_admins_broadcast(client_for, role):
    client = client_for(uuid7(), role=role)
    broadcast = make_broadcast()

    answers = [
        client.post(BROADCASTS, {"audience": "all", **TEXT}),
        client.post(BROADCASTS, {}),
        client.get(BROADCASTS),
        client.get(f"{BROADCASTS}/{broadcast.pk}"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert Broadcast.objects.count() == 1


def test_strangers_must_sign_in(client):
    assert client.post(BROADCASTS).status_code == 401
    assert client.get(BROADCASTS).status_code == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"audience": "everybody"}, ["audience"]),
        ({"audience": "role"}, ["role"]),
        ({"audience": "role", "role": ""}, ["role"]),
        ({"audience": "role", "role": "king"}, ["role"]),
        ({"audience": "course"}, ["course_id"]),
        ({"audience": "course", "course_id": None}, ["course_id"]),
        ({"audience": "course", "course_id": 7}, ["course_id"]),
        ({"audience": "all", "role": "student"}, ["role"]),
        ({"audience": "all", "course_id": str(uuid7())}, ["course_id"]),
        (
            {"audience": "course", "course_id": str(uuid7()), "role": "admin"},
            ["role"],
        ),
        ({"audience": "role", "course_id": str(uuid7())}, ["role", "course_id"]),
        ({"type": "gossip"}, ["type"]),
        ({"type": None}, ["type"]),
        ({"category": "purple"}, ["category"]),
        ({"title": " "}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "two\nlines"}, ["title"]),
        ({"message": ""}, ["message"]),
        ({"message": "x" * 4001}, ["message"]),
        ({"message": 5}, ["message"]),
        ({"action": {"kind": "door"}}, ["action.kind"]),
        ({"action": {"target": "/x"}}, ["action.kind"]),
        ({"action": {"kind": "url", "target": "x" * 201}}, ["action.target"]),
        ({"action": {"kind": "url", "to": "/"}}, ["action.to"]),
        ({"action": "/x"}, ["action"]),
        ({"state": "completed"}, ["state"]),
        ({"rolle": "student"}, ["rolle"]),
    ],
)
def test_what_means_nothing_is_refused_and_sends_nothing(platform_admin, body, fields):
    response = platform_admin.client.post(
        BROADCASTS, {"audience": "all", **TEXT, **body}
    )

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == fields
    assert not Broadcast.objects.exists()


def test_an_address_that_could_harm_is_refused(platform_admin):
    action = {"kind": "url", "target": "javascript:alert(1)"}

    response = platform_admin.client.post(
        BROADCASTS, {"audience": "all", **TEXT, "action": action}
    )

    assert (response.status_code, response.json()["code"]) == (422, "unsafe_action")
    assert not Broadcast.objects.exists()


def test_broadcasts_come_newest_first_and_by_state(platform_admin):
    sent = make_broadcast()
    send_all()
    waiting = make_broadcast()

    everything = platform_admin.client.get(BROADCASTS).json()
    completed = platform_admin.client.get(f"{BROADCASTS}?state=completed").json()

    ids = [item["id"] for item in everything["results"]]
    assert (everything["count"], ids) == (2, [str(waiting.pk), str(sent.pk)])
    assert [item["id"] for item in completed["results"]] == [str(sent.pk)]


@pytest.mark.parametrize("query", ["state=lost", "audience=all", "ordering=sent"])
def test_a_parameter_that_means_nothing_is_refused(platform_admin, query):
    assert platform_admin.client.get(f"{BROADCASTS}?{query}").status_code == 400


def test_a_list_takes_two_queries_however_long_it_is(
    platform_admin, django_assert_num_queries
):
    for _ in range(12):
        make_broadcast()
    platform_admin.client.get(BROADCASTS)

    with django_assert_num_queries(2):  # count, page
        platform_admin.client.get(BROADCASTS)


def test_a_broadcast_that_there_is_not_is_not_found(platform_admin):
    response = platform_admin.client.get(f"{BROADCASTS}/{uuid7()}")

    assert (response.status_code, response.json()["code"]) == (
        404,
        "broadcast_not_found",
    )
