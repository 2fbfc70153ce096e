"""Operators write broadcasts, watch them and cancel them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from notification_project.broadcasts.models import Broadcast
from shared.wire.ids import uuid7

from .broadcasting import (
    TEXT,
    again,
    enrolled,
    make_broadcast,
    make_readers,
    send_all,
    told,
)

pytestmark = pytest.mark.django_db
LIST = "/admin/broadcasts/broadcast/"
FORM = {"audience": "all", "action_kind": "", "action_target": "", **TEXT}


def test_an_operator_writes_a_broadcast(operator):
    people = make_readers(2)

    response = operator.post(f"{LIST}add/", FORM)

    assert response.status_code == 302
    broadcast = Broadcast.objects.get()
    assert (broadcast.total, broadcast.state) == (2, "pending")
    assert broadcast.created_by == operator.user.pk
    assert LogEntry.objects.get().object_id == str(broadcast.pk)
    send_all()
    assert told(broadcast) == people


@pytest.mark.parametrize(
    "fields",
    [
        {"audience": "role"},
        {"audience": "course"},
        {"audience": "all", "role": "student"},
        {"audience": "course", "course_id": str(uuid7()), "role": "student"},
        {"title": ""},
        {"action_kind": "url", "action_target": "javascript:alert(1)"},
    ],
)
def test_an_operator_is_refused_what_the_api_refuses(operator, fields):
    response = operator.post(f"{LIST}add/", {**FORM, **fields})

    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert not Broadcast.objects.exists()


def test_a_broadcast_is_cancelled_once_and_never_edited(operator):
    make_readers(1)
    broadcast = make_broadcast()
    action = {"action": "cancel", "_selected_action": [str(broadcast.pk)], "index": "0"}

    first = operator.post(LIST, action, follow=True)
    second = operator.post(LIST, action, follow=True)

    assert "1 broadcasts cancelled." in first.content.decode()
    assert "0 broadcasts cancelled." in second.content.decode()
    assert again(broadcast).state == "cancelled"
    assert send_all() == 0
    assert operator.post(f"{LIST}{broadcast.pk}/change/", {}).status_code == 403
    assert operator.post(f"{LIST}{broadcast.pk}/delete/", {}).status_code == 403


def test_the_list_shows_how_far_each_is(operator, django_assert_max_num_queries):
    make_readers(3)
    broadcasts = [make_broadcast() for _ in range(5)]
    send_all()

    with django_assert_max_num_queries(8):
        page = operator.get(LIST)

    shown = page.context["cl"].result_list
    assert {row.pk for row in shown} == {broadcast.pk for broadcast in broadcasts}
    assert {(row.state, row.sent) for row in shown} == {("completed", 3)}


def test_the_learners_of_a_course_are_found(operator, deliver):
    course_id, learner = uuid7(), uuid7()
    deliver(enrolled(learner, course_id))
    deliver(enrolled(learner, uuid7()))

    page = operator.get(
        reverse("admin:broadcasts_coursemember_changelist"), {"q": str(course_id)}
    )

    assert [row.user_id for row in page.context["cl"].queryset] == [learner]
