"""The delivery log in the admin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from notification_project.delivery.models import Delivery
from notification_project.notices.tests.telling import local, make_reader, tell

pytestmark = pytest.mark.django_db
NOON = local("2026-03-10 12:00")
LIST = "admin:delivery_delivery_changelist"


def make_delivery(**fields):
    tell(make_reader(), NOON)
    delivery = Delivery.objects.latest("pk")
    Delivery.objects.filter(pk=delivery.pk).update(**fields)
    delivery.refresh_from_db()
    return delivery


def send_again(operator, *deliveries):
    data = {
        "action": "send_again",
        "_selected_action": [str(delivery.pk) for delivery in deliveries],
    }
    return operator.post(reverse(LIST), data, follow=True)


def test_the_log_says_why_a_mail_was_not_sent(operator):
    make_delivery(state="failed", reason="attempts", last_error="x" * 79 + "yz")

    page = operator.get(reverse(LIST)).content.decode()

    assert "attempts" in page
    assert "x" * 79 + "y…" in page


def test_a_mail_is_found_by_its_message_id_and_its_reader(operator):
    wanted, _ = make_delivery(), make_delivery()

    for term in (wanted.pk, wanted.user_id, wanted.notice_id):
        page = operator.get(reverse(LIST), {"q": str(term)})
        assert list(page.context["cl"].queryset) == [wanted]


def test_the_log_is_narrowed_by_state(operator):
    failed, _ = make_delivery(state="failed", reason="refused"), make_delivery()

    page = operator.get(reverse(LIST), {"state__exact": "failed"})

    assert list(page.context["cl"].queryset) == [failed]


def test_a_page_of_the_log_takes_as_many_queries_however_long(
    operator, django_assert_max_num_queries
):
    for _ in range(8):
        make_delivery()
    operator.get(reverse(LIST))

    with django_assert_max_num_queries(14):
        operator.get(reverse(LIST))


def test_given_up_mails_are_queued_again_and_the_log_says_by_whom(operator):
    failed = make_delivery(state="failed", reason="attempts", attempts=12)
    sent = make_delivery(state="sent", sent_at=NOON + timedelta(minutes=1))

    page = send_again(operator, failed, sent)

    assert "1 queued." in page.content.decode()
    failed.refresh_from_db()
    sent.refresh_from_db()
    assert (failed.state, failed.reason, failed.attempts) == ("pending", "", 0)
    assert sent.state == "sent"
    assert LogEntry.objects.get().object_id == str(failed.pk)
    assert LogEntry.objects.get().user == operator.user


def test_nobody_writes_the_log_by_hand(operator):
    delivery = make_delivery()

    assert operator.get(reverse("admin:delivery_delivery_add")).status_code == 403
    address = reverse("admin:delivery_delivery_delete", args=[delivery.pk])
    assert operator.get(address).status_code == 403
