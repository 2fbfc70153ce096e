"""What becomes of messages when a person is erased."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shared.operators import erasing
from shared.outbox.erasing import scrub_messages
from shared.outbox.models import Destination, Lane, OutboxMessage
from shared.outbox.tests.letters import make_dead_letter, make_event, make_pending
from shared.outbox.writing import write_message
from shared.wire.ids import NOBODY, uuid7

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
NEWS = "user.erased.v1"


def make_news(user_id, **fields):
    """Write the news of an erasure, as auth does."""
    return make_naming(user_id, type_=NEWS, ordering_key=str(user_id), **fields)


def make_naming(user_id, *, type_="course.published.v1", ordering_key="", **fields):
    """Write an event that names a person beside what it is about."""
    payload = json.dumps({"data": {"instructor_id": str(user_id)}})
    with transaction.atomic():
        message = write_message(
            kind=OutboxMessage.Kind.EVENT,
            type_=type_,
            destination="exercise",
            payload=payload,
            ordering_key=ordering_key,
        )
    OutboxMessage.objects.filter(pk=message.pk).update(**fields)
    return message


def scrub(*ids):
    return scrub_messages(ids, keep=NEWS)


def traces_of(user_id):
    rows = OutboxMessage.objects.values_list("payload", "ordering_key", "last_error")
    return [row for row in rows if str(user_id) in "".join(row)]


@pytest.mark.parametrize("make", [make_pending, make_dead_letter])
def test_what_is_open_is_cancelled_and_emptied(make):
    ana = uuid7()
    message = make(user_id=ana, on_behalf_of=ana)

    left = scrub(ana)

    message.refresh_from_db()
    assert left == set()
    assert (message.state, message.reason) == (State.CANCELLED, "account erased")
    assert (message.payload, message.ordering_key) == ("{}", "")
    assert message.on_behalf_of is None
    assert message.last_error == ""
    assert message.type == "POST /api/v1/user/internal/profile/create"


@pytest.mark.parametrize(
    ("state", "reason", "after"),
    [(State.DELIVERED, "", ""), (State.CANCELLED, "Ana asked", "account erased")],
)
def test_what_is_settled_is_emptied_and_stays_settled(state, reason, after):
    ana = uuid7()
    message = make_pending(user_id=ana, state=state, reason=reason)

    assert scrub(ana) == set()

    message.refresh_from_db()
    assert (message.state, message.reason, message.payload) == (state, after, "{}")


def test_messages_about_others_stay_as_they_are():
    ana, ben = uuid7(), uuid7()
    message = make_pending(user_id=ben)

    scrub(ana)

    before = message.payload
    message.refresh_from_db()
    assert (message.state, message.payload) == (State.PENDING, before)


def test_a_message_about_a_person_is_known_by_its_payload_too():
    ana = uuid7()
    message = make_pending(user_id=ana, ordering_key="course-1")

    assert scrub(ana) == set()

    message.refresh_from_db()
    assert (message.state, message.payload) == (State.CANCELLED, "{}")


def test_the_news_itself_is_sent_first_and_emptied_then():
    ana = uuid7()
    news = make_news(ana)

    assert scrub(ana) == {ana}
    news.refresh_from_db()
    assert news.state == State.PENDING
    assert str(ana) in news.payload

    OutboxMessage.objects.update(state=State.DELIVERED)
    assert scrub(ana) == set()
    assert traces_of(ana) == []


def test_news_that_was_given_up_on_waits_for_a_person():
    ana = uuid7()
    make_news(ana, state=State.DEAD, reason="expired")

    assert scrub(ana) == {ana}

    assert OutboxMessage.objects.get().state == State.DEAD


def test_in_messages_about_something_else_nobody_takes_the_place():
    ana = uuid7()
    waiting = make_naming(ana)
    dead = make_naming(ana, state=State.DEAD, reason="refused")

    assert scrub(ana) == {ana}

    waiting.refresh_from_db()
    dead.refresh_from_db()
    assert waiting.state == State.PENDING
    assert str(ana) in waiting.payload
    assert dead.state == State.DEAD
    assert json.loads(dead.payload)["data"] == {"instructor_id": str(NOBODY)}


def test_what_a_relay_has_in_hand_is_left_to_it():
    ana = uuid7()
    message = make_pending(user_id=ana)
    Destination.objects.get_or_create(name="user")
    lane = Lane.objects.create(
        destination_id="user",
        number=message.lane,
        leased_by="relay-1",
        leased_until=timezone.now() + timedelta(seconds=30),
    )

    assert scrub(ana) == {ana}
    message.refresh_from_db()
    assert message.state == State.PENDING

    Lane.objects.filter(pk=lane.pk).update(leased_until=None)
    assert scrub(ana) == set()


def test_people_are_told_apart():
    ana, ben = uuid7(), uuid7()
    make_pending(user_id=ana)
    make_news(ben)

    assert scrub(ana, ben) == {ben}
    assert traces_of(ana) == []


def test_an_event_that_was_emptied_can_still_be_looked_at(operator):
    event = make_event()
    scrub(event.ordering_key)

    page = operator.get(f"/admin/outbox/outboxmessage/{event.pk}/change/")

    assert page.status_code == 200
    assert "account erased" in page.content.decode()


def test_a_pass_costs_two_queries_a_span_however_many_people(monkeypatch):
    monkeypatch.setattr(erasing, "ROWS_AT_ONCE", 4)
    for _ in range(10):
        make_pending()

    with CaptureQueriesContext(connection) as few:
        scrub(uuid7())
    with CaptureQueriesContext(connection) as many:
        scrub(*(uuid7() for _ in range(20)))

    assert len(few) == len(many) == 7


def test_every_span_is_looked_at(monkeypatch):
    monkeypatch.setattr(erasing, "ROWS_AT_ONCE", 2)
    ana = uuid7()
    for user_id in (ana, uuid7(), ana, uuid7(), ana):
        make_pending(user_id=user_id)

    assert scrub(ana) == set()

    assert traces_of(ana) == []
    assert OutboxMessage.objects.pending().count() == 2
