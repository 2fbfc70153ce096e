"""Reminders in the admin."""

import pytest
from django.urls import reverse

from .reminding import fire, make_reminder, utc

pytestmark = pytest.mark.django_db
LIST = "admin:reminders_reminder_changelist"


def test_an_operator_sees_what_became_of_a_persons_reminders(
    operator, django_assert_max_num_queries
):
    reminder = make_reminder()
    for _ in range(5):
        make_reminder(reminder.user_id)
    make_reminder()
    fire(utc("2026-03-10T08:00"))

    with django_assert_max_num_queries(8):
        page = operator.get(reverse(LIST), {"q": str(reminder.user_id)})

    assert page.status_code == 200
    shown = page.context["cl"].result_list
    assert {row.user_id for row in shown} == {reminder.user_id}
    assert {row.last_outcome for row in shown} == {"sent"}


def test_nobody_writes_by_hand(operator):
    reminder = make_reminder()
    page = reverse("admin:reminders_reminder_change", args=[reminder.pk])

    assert operator.get(reverse("admin:reminders_reminder_add")).status_code == 403
    assert operator.post(page, {}).status_code == 403
