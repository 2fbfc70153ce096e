"""What operators do with messages."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from shared.outbox.lanes import claim_lanes, ensure_lanes
from shared.outbox.letters import (
    InFlightError,
    NewKeyNeededError,
    PayloadError,
    SettledError,
    TooOldError,
    cancel,
    edit_and_redeliver,
    editable_payload,
    pause,
    redeliver,
    resume,
    warning_before_new_key,
)
from shared.outbox.models import Destination, Lane, OutboxMessage
from shared.outbox.relay import Relay
from shared.outbox.tests.letters import make_dead_letter, make_event, make_pending
from shared.outbox.writing import LANES, lane_of
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


def lease(message, *, seconds=30):
    Destination.objects.get_or_create(name=message.destination)
    return Lane.objects.create(
        destination_id=message.destination,
        number=message.lane,
        token=7,
        leased_by="relay-1",
        leased_until=timezone.now() + timedelta(seconds=seconds),
    )


def test_a_dead_letter_is_queued_again_under_its_key():
    letter = make_dead_letter(attempts=12)
    key, created_at = letter.id, letter.created_at

    count = redeliver([letter])

    letter.refresh_from_db()
    assert count == 1
    assert (letter.state, letter.attempts, letter.reason) == (State.PENDING, 0, "")
    assert (letter.id, letter.created_at) == (key, created_at)
    assert letter.first_attempt_at is None
    assert letter.queued_at > created_at


def test_only_dead_letters_are_redelivered():
    pending = make_pending()

    count = redeliver(OutboxMessage.objects.all())

    pending.refresh_from_db()
    assert count == 0
    assert pending.queued_at == pending.created_at


def test_a_chosen_rate_spreads_letters_oldest_first():
    letters = [make_dead_letter() for _ in range(3)]
    now = timezone.now()

    redeliver(OutboxMessage.objects.dead(), per_second=2, clock=lambda: now)

    times = [OutboxMessage.objects.get(pk=letter.pk).not_before for letter in letters]
    assert times == [now + timedelta(seconds=seconds) for seconds in (0, 0.5, 1)]


def test_many_letters_are_redelivered_in_batches(monkeypatch):
    monkeypatch.setattr("shared.outbox.letters.BATCH", 2)
    for _ in range(5):
        make_dead_letter()
    now = timezone.now()

    count = redeliver(OutboxMessage.objects.all(), per_second=1, clock=lambda: now)

    last = OutboxMessage.objects.order_by("-position")[0]
    assert count == 5
    assert last.not_before == now + timedelta(seconds=4)


def test_a_letter_that_the_inbox_forgot_is_not_redelivered_nor_any_with_it():
    young = make_dead_letter()
    old = make_dead_letter(created_at=timezone.now() - timedelta(days=31))

    with pytest.raises(TooOldError, match="1 older than 30 days"):
        redeliver([young, old])

    assert OutboxMessage.objects.dead().count() == 2


@pytest.mark.parametrize("make", [make_pending, make_dead_letter])
def test_cancelling_keeps_the_message_with_the_reason(make):
    message = make()

    count = cancel([message], reason="asked for by support")

    message.refresh_from_db()
    assert count == 1
    assert (message.state, message.reason) == (State.CANCELLED, "asked for by support")


def test_cancelling_fences_off_a_relay_whose_lease_ran_out():
    message = make_pending()
    lane = lease(message, seconds=-1)

    cancel([message], reason="no")

    lane.refresh_from_db()
    assert lane.token == 8


def test_what_is_in_flight_is_not_cancelled_but_the_rest_is():
    busy = make_pending()
    free = make_pending(user_id=_in_another_lane_than(busy))
    lease(busy)

    with pytest.raises(InFlightError, match=r"1 in flight.* 1 cancelled"):
        cancel([busy, free], reason="no")

    states = dict(OutboxMessage.objects.values_list("position", "state"))
    assert states[busy.position] == State.PENDING
    assert states[free.position] == State.CANCELLED


def _in_another_lane_than(message):
    while lane_of(str(user_id := uuid7())) == message.lane:
        pass
    return user_id


def test_delivered_messages_stay_delivered():
    message = make_pending(state=State.DELIVERED)

    assert cancel([message], reason="no") == 0


def test_an_edited_call_is_a_new_message_and_the_original_is_kept():
    letter = make_dead_letter()
    payload = json.loads(editable_payload(letter)) | {"full_name": "Ana Mended"}

    copy = edit_and_redeliver(letter, payload=json.dumps(payload), new_key=True)

    letter.refresh_from_db()
    assert (letter.state, letter.reason) == (State.CANCELLED, f"replaced by {copy.id}")
    assert (copy.state, copy.copy_of) == (State.PENDING, letter.id)
    assert copy.id != letter.id
    assert json.loads(copy.payload)["full_name"] == "Ana Mended"
    assert copy.traceparent[3:35] == letter.traceparent[3:35]


def test_an_edited_subject_moves_the_message_into_its_lane():
    letter = make_dead_letter()
    other = uuid7()
    payload = json.loads(editable_payload(letter)) | {"user_id": str(other)}

    copy = edit_and_redeliver(letter, payload=json.dumps(payload), new_key=True)

    assert copy.ordering_key == str(other)


def test_an_edited_event_keeps_its_envelope_with_the_new_id():
    letter = make_event()
    data = json.loads(editable_payload(letter)) | {"display_name": "Ana"}

    copy = edit_and_redeliver(letter, payload=json.dumps(data), new_key=True)

    envelope = json.loads(copy.payload)
    assert envelope["id"] == str(copy.id)
    assert envelope["type"] == "profile.updated.v1"
    assert envelope["data"]["display_name"] == "Ana"


@pytest.mark.parametrize("make", [make_dead_letter, make_event])
def test_what_was_emptied_for_an_erased_person_shows_nothing_and_stays_settled(make):
    written = editable_payload(make())
    message = make(payload="{}", state=State.CANCELLED, reason="account erased")

    assert editable_payload(message) == "{}"
    with pytest.raises(SettledError):
        edit_and_redeliver(message, payload=written, new_key=True)


def test_an_edited_payload_needs_a_new_key():
    letter = make_dead_letter()
    payload = json.loads(editable_payload(letter)) | {"full_name": "Ana Mended"}

    with pytest.raises(NewKeyNeededError):
        edit_and_redeliver(letter, payload=json.dumps(payload), new_key=False)

    assert OutboxMessage.objects.get().state == State.DEAD


def test_an_unedited_payload_goes_out_under_its_old_key():
    letter = make_dead_letter()

    same = edit_and_redeliver(letter, payload=editable_payload(letter), new_key=False)

    assert (same.pk, same.state) == (letter.pk, State.PENDING)
    assert OutboxMessage.objects.count() == 1


def test_an_old_letter_goes_out_under_a_new_key():
    letter = make_dead_letter(created_at=timezone.now() - timedelta(days=40))

    copy = edit_and_redeliver(letter, payload=editable_payload(letter), new_key=True)

    assert copy.copy_of == letter.id


@pytest.mark.parametrize(
    "payload", ["{", "[]", '{"user_id": 5}', '{"email": "a@b.c"}', '"\\u0000"']
)
def test_a_payload_that_breaks_its_contract_is_refused(payload):
    letter = make_dead_letter()

    with pytest.raises(PayloadError):
        edit_and_redeliver(letter, payload=payload, new_key=True)

    assert OutboxMessage.objects.get().state == State.DEAD


def test_a_message_of_a_contract_that_is_gone_cannot_be_edited():
    letter = make_dead_letter(type="POST /gone")

    with pytest.raises(PayloadError, match="no contract POST /gone"):
        edit_and_redeliver(letter, payload="{}", new_key=True)


def test_a_pending_message_in_flight_is_not_edited():
    message = make_pending()
    lease(message)

    with pytest.raises(InFlightError):
        edit_and_redeliver(message, payload=editable_payload(message), new_key=True)

    assert OutboxMessage.objects.get().state == State.PENDING


def test_a_settled_message_is_not_edited():
    message = make_pending(state=State.DELIVERED)

    with pytest.raises(SettledError):
        edit_and_redeliver(message, payload=editable_payload(message), new_key=True)


@pytest.mark.parametrize(
    ("happened", "is_warned"),
    [("", False), ("no", False), ("unknown", True), ("yes", True)],
)
def test_a_new_key_is_warned_about_when_the_effect_may_exist(happened, is_warned):
    letter = make_dead_letter(happened=happened)

    warning = warning_before_new_key(letter)

    assert ("a second time" in warning) is is_warned


def test_pausing_says_how_many_lanes_are_in_flight():
    lease(make_pending())

    in_flight = pause("user", "user-service is being moved")

    destination = Destination.objects.get(name="user")
    assert in_flight == 1
    assert destination.is_paused is True
    assert destination.pause_reason == "user-service is being moved"


def test_resuming_clears_the_reason():
    pause("user", "moved")

    resume("user")

    destination = Destination.objects.get(name="user")
    assert (destination.is_paused, destination.pause_reason) == (False, "")


def test_a_pause_before_the_first_relay_does_not_cost_a_destination_its_lanes():
    pause("user", "not yet installed")

    ensure_lanes()

    assert Lane.objects.filter(destination="user").count() == LANES


def test_a_redelivered_letter_is_delivered_by_the_next_relay():
    letter = make_dead_letter(attempts=12)
    sent = []

    redeliver([letter])
    Relay(deliver=sent.append).drain()

    letter.refresh_from_db()
    assert [message.id for message in sent] == [letter.id]
    assert letter.state == State.DELIVERED


def test_a_paused_destination_gets_nothing_until_it_is_resumed():
    message = make_pending()
    sent = []
    pause("user", "being moved")
    Relay(deliver=sent.append).drain()
    assert sent == []

    resume("user")
    Relay(deliver=sent.append).drain()

    assert [sent_message.id for sent_message in sent] == [message.id]


@pytest.mark.django_db(transaction=True)
def test_a_claim_under_way_takes_no_lane_of_a_destination_that_is_paused(ended_threads):
    make_pending()
    ensure_lanes()
    in_flight, looks = [], []
    # Where one writer keeps out all others, a pause comes before the transaction only.
    last_look = 2 if connection.features.has_select_for_update_skip_locked else 1

    def pause_elsewhere():
        in_flight.append(pause("user", "being moved"))
        connection.close()

    def pause_after_the_look(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if Lane._meta.db_table in sql and sql.startswith("SELECT"):
            looks.append(sql)
            if len(looks) == last_look:
                thread = threading.Thread(target=pause_elsewhere)
                thread.start()
                thread.join()
        return result

    with connection.execute_wrapper(pause_after_the_look):
        claims = claim_lanes(timezone.now(), holder="relay-1", most=4)

    assert in_flight == [0]
    assert claims == []
