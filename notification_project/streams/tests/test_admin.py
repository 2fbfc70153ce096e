"""Streams in the admin."""

import pytest
from django.urls import reverse
from django.utils import timezone

from notification_project.streams import services
from notification_project.streams.models import Ticket
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db


def test_the_tickets_of_a_person_are_found_by_their_id(operator):
    reader = uuid7()
    for user_id in (reader, uuid7()):
        services.issue_ticket(
            user_id=user_id, session_id=None, token_issued_at=timezone.now()
        )

    page = operator.get(reverse("admin:streams_ticket_changelist"), {"q": str(reader)})

    assert [row.user_id for row in page.context["cl"].queryset] == [reader]


def test_a_ticket_shows_nothing_that_opens_a_stream(operator):
    services.issue_ticket(
        user_id=uuid7(), session_id=None, token_issued_at=timezone.now()
    )
    ticket = Ticket.objects.get()

    page = operator.get(reverse("admin:streams_ticket_change", args=[ticket.pk]))

    assert page.status_code == 200
    assert ticket.digest not in page.content.decode()


@pytest.mark.parametrize("model", ["ticket", "lastposition"])
def test_nobody_writes_by_hand(operator, model):
    assert operator.get(reverse(f"admin:streams_{model}_changelist")).status_code == 200
    assert operator.get(reverse(f"admin:streams_{model}_add")).status_code == 403
