"""Notices in the admin."""

import pytest
from django.urls import reverse

from notification_project.notices.models import Notice, Preference, Reader
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


def make_rows(user_id):
    Notice.objects.create(
        user_id=user_id, type="system", template="welcome", sender="auth"
    )
    Preference.objects.create(
        user_id=user_id, type="system", channel="email", is_enabled=False
    )
    Reader.objects.create(user_id=user_id, display_name="Ana")


@pytest.mark.parametrize("model", ["notice", "preference", "reader"])
def test_what_concerns_a_person_is_found_by_their_id(operator, model):
    reader, other = uuid7(), uuid7()
    make_rows(reader)
    make_rows(other)

    page = operator.get(
        reverse(f"admin:notices_{model}_changelist"), {"q": str(reader)}
    )

    assert page.status_code == 200
    assert [row.user_id for row in page.context["cl"].queryset] == [reader]


def test_the_list_shows_what_people_were_told(operator):
    make_rows(uuid7())

    page = operator.get(reverse("admin:notices_notice_changelist"))

    assert "Welcome to the IELTS platform" in page.content.decode()


@pytest.mark.parametrize("model", ["notice", "preference", "reader"])
def test_nobody_writes_by_hand(operator, model):
    assert operator.get(reverse(f"admin:notices_{model}_add")).status_code == 403
