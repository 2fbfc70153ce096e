"""What notification-service forgets of a person, and what no longer gets in."""

from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notification_project.broadcasts.models import Broadcast, CourseMember
from notification_project.broadcasts.services import create_broadcast
from notification_project.notices.models import Notice, Preference, Reader
from notification_project.notices.services import choose, send_notices
from notification_project.reminders.models import Reminder
from notification_project.reminders.services import create_reminder
from shared.contracts.events import EnrollmentCreated, UserRegistered
from shared.contracts.notification import SendNotice, SendNotices, send_notice
from shared.testing.erasure import columns_not_asked
from shared.wire.ids import NOBODY, uuid7

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


EVERY_MONDAY = {"weekdays": ["monday"], "local_time": time(8, 30)}
TO_ALL = {
    "audience": "all",
    "type": "system",
    "category": "info",
    "title": "Hello",
    "message": "To all",
}


def enrolled(user_id):
    return EnrollmentCreated(
        user_id=user_id,
        enrollment_id=uuid7(),
        course_id=uuid7(),
        course_title="Reading",
        enrolled_at=timezone.now(),
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


def test_reminders_and_courses_are_gone_and_broadcasts_are_nobodys(
    deliver, erase_person
):
    ana, ben = uuid7(), uuid7()
    for user_id in (ana, ben):
        deliver(enrolled(user_id))
        create_reminder(user_id=user_id, values=EVERY_MONDAY)
        create_broadcast(created_by=user_id, values=TO_ALL)

    erase_person(ana)

    assert CourseMember.objects.get().user_id == ben
    assert Reminder.objects.get().user_id == ben
    writers = set(Broadcast.objects.values_list("created_by", flat=True))
    assert writers == {NOBODY, ben}


def test_who_is_erased_is_left_out_of_what_many_are_told(erase_person):
    ana, ben = uuid7(), uuid7()
    erase_person(ana)
    order = SendNotices(user_ids=[ana, ben], type="system", title="A new course")

    sent = send_notices(order=order, sender="course")

    assert [sent[ana], sent[ben].user_id] == [None, ben]
    assert Reader.objects.get().user_id == ben


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
