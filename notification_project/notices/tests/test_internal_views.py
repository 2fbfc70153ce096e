"""What peers have people told, through the internal door."""

import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notification_project.delivery.models import Delivery
from notification_project.notices import services
from notification_project.notices.models import Notice, Preference
from shared.contracts.notification import (
    NoticeAction,
    SendNotice,
    SendNotices,
    send_notice,
    send_notices,
)
from shared.wire.ids import uuid7

from .telling import at_once


def welcome(user_id=None, **fields):
    values = {"type": "system", "template": "welcome", "params": {"name": "Ana"}}
    return SendNotice(user_id=user_id or uuid7(), **{**values, **fields})


@pytest.mark.django_db
def test_a_notice_is_stored(call_internal):
    order = welcome(
        category="success",
        action=NoticeAction(kind="profile"),
        params={"name": "Ana", "unused": "x"},
    )

    response = call_internal(send_notice, order, caller="auth")

    assert response.status_code == 201
    notice = Notice.objects.get()
    assert response.json()["success"] is True
    assert response.json()["notification_id"] == str(notice.id)
    assert response.json()["suppressed"] is False
    assert (notice.user_id, notice.sender) == (order.user_id, "auth")
    assert notice.params == {"name": "Ana"}
    assert notice.action == {"kind": "profile", "target": ""}


@pytest.mark.django_db
def test_a_notice_may_bring_its_own_text(call_internal):
    order = welcome(template="", params={}, title="Hi", message="There is news.")

    response = call_internal(send_notice, order, caller="course")

    assert response.status_code == 201
    assert Notice.objects.get().text("vi").title == "Hi"


@pytest.mark.django_db
def test_opting_out_is_a_success_with_a_reason(call_internal):
    order = welcome()
    services.choose(
        user_id=order.user_id, choices={"system": {"in_app": False, "email": False}}
    )

    response = call_internal(send_notice, order, caller="auth")

    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "notification_id": None,
        "suppressed": True,
        "reason": "opted_out",
    }
    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_opting_out_of_one_type_or_channel_leaves_the_others(call_internal):
    order = welcome()
    services.choose(
        user_id=order.user_id,
        choices={"system": {"email": False}, "social": {"in_app": False}},
    )

    response = call_internal(send_notice, order, caller="auth")

    assert response.status_code == 201
    assert Preference.objects.count() == 2


@pytest.mark.django_db
def test_a_second_notice_with_the_same_dedupe_is_the_first(call_internal):
    order = welcome(dedupe="welcome")

    first = call_internal(send_notice, order, caller="auth")
    second = call_internal(send_notice, order, caller="auth")
    of_somebody_else = call_internal(
        send_notice, welcome(dedupe="welcome"), caller="auth"
    )

    assert first.json()["notification_id"] == second.json()["notification_id"]
    assert of_somebody_else.status_code == 201
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_a_deleted_notice_does_not_come_back(call_internal, client_for):
    order = welcome(dedupe="welcome")
    first = call_internal(send_notice, order, caller="auth").json()
    client = client_for(order.user_id)
    client.delete(f"/api/v1/notifications/{first['notification_id']}")

    second = call_internal(send_notice, order, caller="auth").json()

    assert second["notification_id"] == first["notification_id"]
    assert client.get("/api/v1/notifications").json()["count"] == 0


@pytest.mark.django_db
def test_the_same_key_sends_once(call_internal):
    order, key = welcome(), uuid7()

    answers = [
        call_internal(send_notice, order, caller="auth", key=key).json()
        for _ in range(3)
    ]

    assert answers[0] == answers[1] == answers[2]
    assert Notice.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"template": "no_such_thing"}, "unknown_template"),
        ({"template": "email_verified", "params": {}}, "invalid_params"),
        ({"params": {"name": "x" * 501}}, "invalid_params"),
        ({"template": "", "title": " "}, "notice_without_text"),
        (
            {"action": NoticeAction(kind="url", target="javascript:alert(1)")},
            "unsafe_action",
        ),
    ],
)
def test_a_notice_that_could_not_be_shown_is_refused_for_good(
    call_internal, fields, code
):
    response = call_internal(send_notice, welcome(**fields), caller="auth")

    assert response.status_code == 422
    assert response.json()["code"] == code
    assert not Notice.objects.exists()


def welcome_all(user_ids, **fields):
    values = {"type": "system", "template": "welcome", "params": {"name": "Ana"}}
    return SendNotices(user_ids=user_ids, **{**values, **fields})


@pytest.mark.django_db
def test_many_people_are_told_at_once_and_each_has_a_result(call_internal):
    ana, bo, cy = uuid7(), uuid7(), uuid7()
    services.choose(user_id=bo, choices={"system": {"in_app": False, "email": False}})
    earlier = call_internal(send_notice, welcome(cy, dedupe="term"), caller="auth")

    response = call_internal(
        send_notices, welcome_all([ana, bo, cy, ana], dedupe="term"), caller="course"
    )

    assert response.status_code == 200
    notice = Notice.objects.get(user_id=ana)
    assert notice.sender == "course"
    assert response.json() == {
        "success": True,
        "results": [
            result(ana, notification_id=str(notice.id)),
            result(bo, suppressed=True, reason="opted_out"),
            result(cy, notification_id=earlier.json()["notification_id"]),
        ],
    }
    assert Notice.objects.count() == 2


def result(user_id, **fields):
    values = {"notification_id": None, "suppressed": False, "reason": ""}
    return {"user_id": str(user_id), **values, **fields}


@pytest.mark.django_db
def test_the_same_key_tells_many_once(call_internal):
    order, key = welcome_all([uuid7(), uuid7()]), uuid7()

    answers = [
        call_internal(send_notices, order, caller="auth", key=key) for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_each_of_many_has_a_cap_of_their_own(call_internal):
    full, free = uuid7(), uuid7()
    services.choose(user_id=full, daily_cap=1)
    services.send_notice(order=welcome(full), sender="auth")

    for _ in range(2):
        response = call_internal(send_notices, welcome_all([full, free]), caller="auth")

    assert all(item["notification_id"] for item in response.json()["results"])
    digest = Notice.objects.get(template="digest")
    assert (digest.user_id, digest.params["count"]) == (full, 2)
    assert Notice.objects.of_reader(free).count() == 2
    assert Notice.objects.of_reader(full).count() == 1


@pytest.mark.django_db
def test_hundreds_of_people_take_few_queries():
    few, many = ([uuid7() for _ in range(count)] for count in (2, 500))
    with CaptureQueriesContext(connection) as for_few:
        services.send_notices(order=welcome_all(few), sender="auth")

    with CaptureQueriesContext(connection) as for_many:
        sent = services.send_notices(order=welcome_all(many), sender="auth")

    assert len(sent) == Notice.objects.filter(user_id__in=many).count() == 500
    # SQLite takes 999 values in a statement, so the rows go in by the dozen.
    writes = [row for row in for_many if row["sql"].startswith("INSERT")]
    assert len(for_many) - len(writes) <= len(for_few)
    assert len(writes) <= 50


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"user_ids": []}, 400),
        ({"user_ids": [uuid7() for _ in range(501)]}, 400),
        ({"template": "no_such_thing"}, 422),
    ],
)
def test_nobody_is_told_what_is_refused(call_internal, internal_key, fields, status):
    body = {"user_ids": [uuid7()], "type": "system", "template": "welcome", **fields}

    response = Client().post(
        send_notices.template,
        msgspec.json.encode(body),
        content_type="application/json",
        headers={
            "X-Internal-API-Key": internal_key("auth"),
            "Idempotency-Key": str(uuid7()),
        },
    )

    assert response.status_code == status
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_only_senders_tell_many(call_internal):
    order = welcome_all([uuid7()])

    response = call_internal(send_notices, order, caller="notification")

    assert response.status_code == 403
    assert response.json()["code"] == "caller_not_allowed"
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_senders_to_many_at_the_same_time_make_one_notice_per_dedupe():
    people = [uuid7() for _ in range(20)]
    orders = [
        welcome_all(people, dedupe="term"),
        welcome_all(people[::-1], dedupe="term"),
    ]

    def send(number):
        order = orders[number % 2]
        sent = services.send_notices(order=order, sender="auth")
        return {notice.id for notice in sent.values()}

    assert len(set().union(*at_once(6, send))) == 20
    assert Notice.objects.count() == 20


@pytest.mark.django_db(transaction=True)
def test_senders_at_the_same_time_make_one_notice_per_dedupe():
    order = welcome(dedupe="welcome")
    barrier = threading.Barrier(6)

    def send(_):
        try:
            barrier.wait(timeout=30)
            return services.send_notice(order=order, sender="auth").id
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(send, range(6)))

    assert len(ids) == 1
    assert Notice.objects.count() == 1
