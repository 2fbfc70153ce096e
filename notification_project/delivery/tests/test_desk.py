"""Mails that were given up, on the start page of the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notification_project.delivery.desk import RECENT
from notification_project.delivery.models import Delivery
from notification_project.notices.models import Notice
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
NOW = timezone.now


def fail_mail(**about):
    user_id = uuid7()
    notice = Notice.objects.create(
        user_id=user_id, type="system", template="welcome", sender="auth"
    )
    return Delivery.objects.create(
        notice=notice,
        user_id=user_id,
        channel="email",
        state=Delivery.State.FAILED,
        reason="attempts_used_up",
        not_before=NOW(),
        **about,
    )


def attention_of(browser):
    return browser.get("/admin/").context["desk"]["attention"]


def test_mails_that_were_given_up_lead_to_their_log(operator):
    fail_mail()
    fail_mail(created_at=NOW() - timedelta(hours=5))
    fail_mail(created_at=NOW() - RECENT - timedelta(hours=1))

    [concern] = attention_of(operator)

    assert concern.text == "2 mails were given up, the last of less than a minute ago."
    page = operator.get(concern.link)
    assert page.status_code == 200
    assert "attempts_used_up" in page.content.decode()


def test_without_failures_nothing_is_said(operator):
    assert attention_of(operator) == []
