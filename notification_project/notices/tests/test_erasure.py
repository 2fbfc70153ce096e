"""What notification-service forgets of a person, and what no longer gets in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notification_project.notices.models import Notice, Preference, Reader
from notification_project.notices.services import choose
from shared.contracts.events import UserRegistered
from shared.contracts.notification import SendNotice, send_notice
from shared.testing.erasure import columns_not_asked
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
MODELS = [Notice, Preference, Reader]


def registered(user_id):
    return UserRegistered(
        user_id=user_id,
        email="ana@example.com",
        full_name="Ana Silva",
        role="student",
        registered_at=timezone.now(),
    )


def welcome(user_id):
    return SendNotice(
        user_id=user_id, type="system", template="welcome", params={"name": "Ana"}
    )


def test_what_the_person_was_told_is_gone_and_nobody_elses(
    call_internal, deliver, erase_person
):
    ana, ben = uuid7(), uuid7()
    for user_id in (ana, ben):
        deliver(registered(user_id))
        call_internal(send_notice, welcome(user_id), caller="course")
        choose(user_id=user_id, choices={"social": {"email": False}})

    for _ in range(2):
        assert erase_person(ana).status_code == 200

    for model in MODELS:
        assert model.objects.get().user_id == ben


def test_notices_and_facts_that_come_later_are_refused(
    call_internal, deliver, erase_person
):
    ana = uuid7()
    erase_person(ana)

    answers = [
        call_internal(send_notice, welcome(ana), caller="course"),
        deliver(registered(ana)),
    ]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert {answer.json()["code"] for answer in answers} == {"account_erased"}
    assert not any(model.objects.exists() for model in MODELS)


def test_every_column_that_may_hold_a_person_is_asked(erase_person):
    with CaptureQueriesContext(connection) as queries:
        erase_person(uuid7())

    assert columns_not_asked(query["sql"] for query in queries) == []
