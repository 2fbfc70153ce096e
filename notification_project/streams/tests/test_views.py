"""How people come to a ticket."""

import pytest

from notification_project.streams.models import Ticket
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
TICKETS = "/api/v1/notifications/stream-tickets"


def test_a_ticket_is_for_who_asks_and_their_session(client_for):
    user_id, sid = uuid7(), uuid7()

    response = client_for(user_id, sid=sid).post(TICKETS)

    assert response.status_code == 201
    assert response.headers["Cache-Control"] == "no-store"
    answer = response.json()
    assert answer.keys() == {"ticket", "expires_in"}
    assert answer["expires_in"] == 30
    assert len(answer["ticket"]) >= 43
    stored = Ticket.objects.get()
    assert (stored.user_id, stored.session_id) == (user_id, sid)
    assert (stored.expires_at - stored.created_at).total_seconds() == 30


def test_no_two_tickets_are_alike(client_for):
    client = client_for(uuid7())

    first, second = (client.post(TICKETS).json()["ticket"] for _ in range(2))

    assert first != second


def test_who_is_signed_in_to_the_browsable_api_gets_one_too(operator):
    response = operator.post(TICKETS, headers={"X-CSRFToken": "-"})

    assert response.status_code == 201
    assert Ticket.objects.get().user_id == operator.user.id


def test_strangers_get_none(client):
    assert client.post(TICKETS).status_code == 401
    assert not Ticket.objects.exists()


def test_the_web_process_has_no_streams(client_for):
    response = client_for(uuid7()).get("/api/v1/notifications/stream")

    assert response.status_code == 404
