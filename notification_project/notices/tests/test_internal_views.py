"""What peers have people told, through the internal door."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from notification_project.notices import services
from notification_project.notices.models import Notice, Preference
from shared.contracts.notification import NoticeAction, SendNotice, send_notice
from shared.wire.ids import uuid7


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
    services.choose(user_id=order.user_id, choices={"system": {"in_app": False}})

    response = call_internal(send_notice, order, caller="auth")

    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "notification_id": None,
        "suppressed": True,
        "reason": "opted_out",
    }
    assert not Notice.objects.exists()


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
