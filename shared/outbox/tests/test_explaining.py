"""Why a message is not delivered yet, in one sentence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.outbox.explaining import explain
from shared.outbox.letters import pause
from shared.outbox.models import Destination, Lane, OutboxMessage
from shared.outbox.tests.letters import make_dead_letter, make_pending
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


@pytest.fixture
def now():
    return timezone.now()


def away_since(now, **fields):
    return Destination.objects.create(
        name="user",
        state=Destination.State.AWAY,
        since=now - timedelta(minutes=2),
        last_error="connection refused",
        **fields,
    )


def test_a_due_message_waits_for_a_relay(now):
    message = make_pending(not_before=now - timedelta(minutes=3))

    sentence = explain(message, clock=lambda: now)

    assert sentence.startswith("Due since")
    assert "waits for a relay" in sentence


def test_a_paused_destination_holds_its_messages():
    message = make_pending()
    pause("user", "user-service is being moved")

    sentence = explain(message)

    assert "are paused since" in sentence
    assert "user-service is being moved" in sentence


def test_a_destination_that_is_away_holds_its_messages(now):
    away_since(now, next_probe_at=now + timedelta(seconds=4))

    sentence = explain(make_pending(), clock=lambda: now)

    assert f"user is away since {now - timedelta(minutes=2):%Y-%m-%d %H:%M:%S} UTC" in (
        sentence
    )
    assert "connection refused" in sentence
    assert f"next probe at {now + timedelta(seconds=4):%Y-%m-%d %H:%M:%S}" in sentence


def test_a_probe_that_is_due_is_said_to_be(now):
    away_since(now)

    assert "the next probe is due now" in explain(make_pending(), clock=lambda: now)


def test_a_leased_lane_is_in_work(now):
    message = make_pending()
    Destination.objects.create(name="user")
    lane = Lane.objects.create(
        destination_id="user",
        number=message.lane,
        leased_by="relay-1",
        leased_until=now + timedelta(seconds=20),
    )

    sentence = explain(message, clock=lambda: now)

    assert sentence.startswith(f"Its lane {lane} is being delivered by relay-1")


def test_a_lease_that_ran_out_explains_nothing(now):
    message = make_pending(not_before=now)
    Destination.objects.create(name="user")
    Lane.objects.create(destination_id="user", number=message.lane, leased_until=now)

    assert explain(message, clock=lambda: now).startswith("Due since")


def test_a_message_waits_behind_an_earlier_one_of_its_key(now):
    user_id = uuid7()
    earlier = make_pending(user_id=user_id, not_before=now + timedelta(minutes=1))
    message = make_pending(user_id=user_id)

    sentence = explain(message, clock=lambda: now)

    assert sentence.startswith(f"Waits behind message {earlier.id}")
    assert "in back-off until" in sentence


def test_a_message_that_failed_is_in_back_off(now):
    message = make_pending(
        attempts=3,
        deferrals=1,
        last_error="answered 500",
        not_before=now + timedelta(seconds=8),
    )

    sentence = explain(message, clock=lambda: now)

    assert sentence.startswith("In back-off until")
    assert "after 3 attempts and 1 deferral (answered 500)" in sentence


def test_a_message_for_later_is_not_in_back_off(now):
    message = make_pending(not_before=now + timedelta(hours=1))

    assert explain(message, clock=lambda: now).startswith("Is not to be sent before")


def test_a_dead_letter_says_why_and_what_helps():
    sentence = explain(make_dead_letter(happened="unknown"))

    assert "after 1 attempt, because refused with 400 invalid_request" in sentence
    assert "it may have happened" in sentence
    assert "redeliver, edit or cancel" in sentence


@pytest.mark.parametrize(
    ("state", "reason", "beginning"),
    [
        (State.DELIVERED, "", "Delivered to user at "),
        (State.CANCELLED, "asked for", "Cancelled at "),
    ],
)
def test_a_settled_message_says_when(now, state, reason, beginning):
    message = make_pending(state=state, reason=reason, settled_at=now)

    assert explain(message).startswith(beginning)
