"""What the relay does with messages: order, deferrals, attempts, leases, recovery."""

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shared.outbox import letters
from shared.outbox.clock import DatabaseClock
from shared.outbox.lanes import (
    BATCH,
    LEASE,
    Settlement,
    claim_lane,
    ensure_lanes,
    settle,
)
from shared.outbox.models import Destination, Lane, OutboxMessage
from shared.outbox.purging import expire_pending, purge_delivered
from shared.outbox.relay import Relay
from shared.outbox.verdicts import MOST_ATTEMPTS
from shared.outbox.writing import LANES, lane_of, write_message
from shared.wire.errors import BulkheadFull, CallError, ContractViolation, Happened
from shared.wire.ids import uuid7

from .receiver import Receiver, away, circuit_open, failed, rejected
from .running import running, wait_until

State = OutboxMessage.State

pytestmark = pytest.mark.django_db


def write(key="", *, destination="user", count=1):
    """Write messages; return the last."""
    with transaction.atomic():
        for _ in range(count):
            message = write_message(
                kind="call",
                type_="PUT /api/v1/user/internal/progress/update",
                destination=destination,
                payload="{}",
                ordering_key=key,
            )
    return message


def write_all(count, *, destination="user"):
    """Write messages of as many keys, at once."""
    keys = [str(uuid7()) for _ in range(count)]
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            kind="call",
            type="PUT /api/v1/user/internal/progress/update",
            destination=destination,
            payload="{}",
            ordering_key=key,
            lane=lane_of(key),
        )
        for key in keys
    )


def keys_in_one_lane(count):
    """Return keys that share a lane."""
    keys = (f"key-{number}" for number in range(100_000))
    lane = lane_of("key-0")
    return [
        key
        for _, key in zip(range(count * 300), keys, strict=False)
        if lane_of(key) == lane
    ][:count]


def again(message):
    message.refresh_from_db()
    return message


# ── delivery ─────────────────────────────────────────────────────────────────


def test_what_is_due_is_delivered_and_settled(relay, receiver, now):
    message = write("ana")

    assert relay.drain() == 1

    assert receiver.ids == [message.id]
    assert again(message).state == State.DELIVERED
    assert message.settled_at == now()
    assert message.attempts == 1
    assert message.happened == "yes"
    assert Lane.objects.filter(leased_until=None).count() == Lane.objects.count()


def test_messages_of_a_key_arrive_in_the_order_they_were_written(relay, receiver):
    written = [write("ana").id for _ in range(250)]

    relay.drain()

    assert receiver.ids == written


def test_a_delivery_belongs_to_the_trace_of_its_cause(relay, receiver):
    message = write("ana")

    relay.drain()

    assert receiver.traces == [message.traceparent.split("-")[1]]


def test_settling_is_by_batch(relay):
    write("ana", count=50)
    ensure_lanes()

    with CaptureQueriesContext(connection) as queries:
        relay.drain()

    # A look and a claim, attempts, settling, last success; nothing per message.
    assert len(queries) < 30


def test_a_message_that_is_not_due_waits(relay, receiver, now):
    message = write("ana")
    OutboxMessage.objects.update(not_before=now() + timedelta(seconds=10))

    assert relay.drain() == 0
    now.advance(seconds=11)
    relay.drain()

    assert receiver.ids == [message.id]


# ── failures ─────────────────────────────────────────────────────────────────


def test_a_failing_key_blocks_only_itself(relay, receiver):
    stuck, other = keys_in_one_lane(2)
    first, second = write(stuck), write(stuck)
    free = [write(other) for _ in range(3)]
    receiver.fail(stuck, failed())

    relay.drain()

    assert receiver.ids == [message.id for message in free]
    assert again(first).attempts == 1
    assert again(second).attempts == 0
    assert second.not_before == first.not_before


def test_what_is_written_behind_a_failed_message_waits_with_it(relay, receiver, now):
    first = write("ana")
    receiver.fail(first.id, failed())
    relay.drain()
    later = write("ana")

    relay.drain()
    assert receiver.taken == []
    receiver.heal(first.id)
    now.advance(seconds=2)
    relay.drain()

    assert receiver.ids == [first.id, later.id]


def test_a_failure_of_ours_blocks_only_its_key(relay, receiver, caplog):
    bad, other = keys_in_one_lane(2)
    poison, free = write(bad), write(other)
    receiver.fail(poison.id, ValueError("no such field"))

    relay.drain()

    assert receiver.ids == [free.id]
    assert again(poison).attempts == 1
    assert poison.last_outcome == "fault"
    assert poison.last_error == "ValueError: no such field"
    assert "a message could not be sent" in caplog.text


def test_attempts_wait_longer_each_time_but_at_most_ten_minutes(relay, receiver, now):
    message = write("ana")
    receiver.fail("ana", failed())
    waits = []
    for _ in range(12):
        relay.drain()
        waits.append((again(message).not_before - now()).total_seconds())
        now.time = message.not_before

    assert waits[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert max(waits) == 600


def test_it_is_given_up_after_twelve_attempts_and_an_hour(relay, receiver, now):
    message = write("ana")
    receiver.fail("ana", failed(happened=Happened.UNKNOWN))
    started = now()
    while again(message).state == State.PENDING:
        relay.drain()
        now.time = max(again(message).not_before, now())

    assert message.state == State.DEAD
    assert message.attempts >= 12
    assert now() - started >= timedelta(hours=1)
    assert message.reason.startswith("failed ")
    assert message.happened == "unknown"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_request"),
        (409, "idempotency_key_expired"),
        (410, "gone"),
        (413, "body_too_large"),
        (415, "unsupported_media_type"),
        (422, "idempotency_key_reused"),
        (404, "profile_not_found"),
    ],
)
def test_a_definite_refusal_is_a_dead_letter_at_once(relay, receiver, status, code):
    message = write("ana")
    behind = write("ana")
    receiver.fail(message.id, rejected(status, code))

    relay.drain()

    assert again(message).state == State.DEAD
    assert message.reason == f"refused: {code}"
    assert receiver.ids == [] or receiver.ids == [behind.id]
    relay.drain()
    assert receiver.ids == [behind.id]


@pytest.mark.parametrize(
    "error",
    [
        rejected(404, "route_not_found"),
        rejected(405, "method_not_allowed"),
        rejected(404, "unknown_event_type"),
        rejected(403, "caller_not_allowed"),
        rejected(409, "in_progress"),
        rejected(408),
        rejected(425),
        rejected(302),
        rejected(404),
        BulkheadFull("full"),
    ],
    ids=lambda error: getattr(error, "code", "") or str(getattr(error, "status", "")),
)
def test_some_refusals_are_deferrals_of_one_message(relay, receiver, error):
    stuck, other = keys_in_one_lane(2)
    message, free = write(stuck), write(other)
    receiver.fail(message.id, error)

    relay.drain()

    assert again(message).state == State.PENDING
    assert message.attempts == 0
    assert message.deferrals == 1
    assert receiver.ids == [free.id]
    assert Destination.objects.get(name="user").state == "up"


@pytest.mark.parametrize(
    "error",
    [
        away(),
        away("no_address"),
        circuit_open(5),
        failed(503),
        rejected(429),
        rejected(401, "invalid_internal_key"),
        rejected(403, "invalid_internal_key"),
    ],
    ids=str,
)
def test_a_peer_that_is_away_is_a_deferral_never_dead_by_count(
    relay, receiver, now, error
):
    message = write("ana")
    receiver.fail("user", error)

    for _ in range(30):
        relay.drain()
        now.advance(seconds=6)

    assert again(message).state == State.PENDING
    assert message.attempts == 0
    assert message.deferrals == 30
    assert Destination.objects.get(name="user").state == "away"


def test_a_refused_key_is_loud(relay, receiver, caplog):
    write("ana")
    receiver.fail("user", rejected(403, "invalid_internal_key"))

    relay.drain()

    assert "this service is not let in" in caplog.text


def test_an_answer_that_breaks_its_contract_was_an_answer(relay, receiver):
    message = write("ana")
    receiver.fail("ana", ContractViolation("no", happened=Happened.YES))

    relay.drain()

    assert again(message).state == State.DELIVERED


def test_a_week_of_waiting_ends_as_expired(relay, receiver, now):
    message = write("ana")
    receiver.fail("user", away())
    now.advance(days=7, minutes=1)

    relay.drain()

    assert again(message).state == State.DEAD
    assert message.reason == "expired"


# ── outages ──────────────────────────────────────────────────────────────────


def test_an_outage_costs_one_probe_every_five_seconds(relay, receiver, now):
    write_all(1000)
    receiver.fail("user", away())

    for _ in range(120):  # a minute, in steps of half a second
        relay.drain()
        now.advance(seconds=0.5)

    assert sum(receiver.tries.values()) <= 60 / 5 + 1
    assert OutboxMessage.objects.filter(deferrals__gt=0).count() <= 13
    assert OutboxMessage.objects.exclude(attempts=0).count() == 0


def test_two_relays_together_send_one_probe(receiver, now):
    write_all(100)
    relays = [Relay(deliver=receiver, now=now) for _ in range(2)]
    receiver.fail("user", away())
    relays[0].drain()
    now.advance(seconds=5)
    before = sum(receiver.tries.values())

    for relay in relays:
        relay.drain()

    assert sum(receiver.tries.values()) == before + 1


def test_everything_is_delivered_within_ten_seconds_of_the_return(relay, receiver, now):
    write_all(200)
    receiver.fail("user", away())
    for _ in range(10):
        relay.drain()
        now.advance(seconds=1)
    receiver.heal("user")

    for _ in range(10):
        now.advance(seconds=1)
        relay.drain()

    assert len(receiver.taken) == 200
    destination = Destination.objects.get(name="user")
    assert destination.state == "up"
    assert destination.next_probe_at is None


def test_messages_behind_a_stuck_one_do_not_use_up_the_probes(relay, receiver, now):
    stuck = write("stuck")
    receiver.fail("stuck", failed())
    for _ in range(8):
        relay.drain()
        now.time = max(now(), again(stuck).not_before)
    relay.drain()
    receiver.fail("user", away())
    write("free")
    relay.drain()
    assert Destination.objects.get(name="user").state == "away"
    write("stuck", count=10)
    receiver.heal("user")

    now.advance(seconds=6)
    relay.drain()

    assert "free" in {message.ordering_key for message in receiver.taken}


def test_a_peer_that_is_away_leaves_the_others_alone(relay, receiver):
    write_all(50)
    write_all(50, destination="notification")
    receiver.fail("user", away())

    relay.drain()

    assert {message.destination for message in receiver.taken} == {"notification"}
    assert len(receiver.taken) == 50


def test_the_breakers_wait_is_the_time_to_the_next_probe(relay, receiver, now):
    write("ana")
    receiver.fail("user", circuit_open(2.5))

    relay.drain()

    destination = Destination.objects.get(name="user")
    assert destination.next_probe_at == now() + timedelta(seconds=2.5)


def test_a_retry_after_of_an_hour_does_not_stop_the_probes(relay, receiver, now):
    write("ana")
    receiver.fail("user", failed(503, retry_after=3600))

    relay.drain()

    destination = Destination.objects.get(name="user")
    assert destination.next_probe_at == now() + timedelta(seconds=5)


def test_a_probe_that_was_not_sent_says_nothing_about_the_peer(relay, receiver, now):
    message = write("ana")
    receiver.fail("user", away())
    relay.drain()
    receiver.fail("user", BulkheadFull("full"))
    now.advance(seconds=6)

    relay.drain()

    assert Destination.objects.get(name="user").state == "away"
    assert again(message).state == State.PENDING


def test_a_probe_that_is_refused_shows_that_the_peer_is_back(relay, receiver, now):
    refused, other = write("ana"), write("bob")
    receiver.fail("user", away())
    relay.drain()
    receiver.heal("user")
    receiver.fail("ana", rejected(422, "bad"))
    receiver.fail("bob", rejected(422, "bad"))
    now.advance(seconds=6)

    relay.drain()

    assert Destination.objects.get(name="user").state == "up"
    assert again(refused).state == again(other).state == State.DEAD


def test_a_pause_holds_and_a_resume_lets_go(relay, receiver):
    letters.pause("user", "being moved")
    write("ana")
    write("bob", destination="notification")

    relay.drain()
    assert [message.destination for message in receiver.taken] == ["notification"]
    letters.resume("user")
    relay.drain()

    assert len(receiver.taken) == 2


# ── leases ───────────────────────────────────────────────────────────────────


def test_a_leased_lane_is_nobody_elses(now, receiver):
    write("ana")
    ensure_lanes()
    claim = claim_lane(now(), holder="one")

    assert len(claim.messages) == 1
    assert claim_lane(now(), holder="two") is None


def test_a_relay_that_was_frozen_settles_nothing(relay, receiver, now):
    first, second = write("ana"), write("ana")
    ensure_lanes()
    frozen = claim_lane(now(), holder="frozen")
    now.advance(seconds=LEASE.total_seconds() + 1)
    receiver.fail(second.id, rejected(422, "bad"))
    relay.drain()

    done = settle(frozen, Settlement(delivered=[second.position]), now())

    assert not done
    assert again(first).state == State.DELIVERED
    assert again(second).state == State.DEAD


def test_after_an_interruption_messages_are_taken_one_by_one(now):
    write("ana", count=5)
    ensure_lanes()
    claim_lane(now(), holder="killed")
    now.advance(seconds=31)

    write("ana", count=2)
    sizes, attempts = [], []
    while claim := claim_lane(now(), holder="next"):
        sizes.append(len(claim.messages))
        attempts += [message.attempts for message in claim.messages]
        delivered = [message.position for message in claim.messages]
        settle(claim, Settlement(delivered=delivered), now())

    # The five that were in its hands; then those that came since, together.
    assert sizes == [1, 1, 1, 1, 1, 2]
    assert attempts == [2, 2, 2, 2, 2, 1, 1]


def test_a_message_that_ends_its_relays_takes_no_other_with_it(now):
    others = [write("ana") for _ in range(MOST_ATTEMPTS + 2)]
    killer = write("ana")
    others += [write("ana") for _ in range(5)]
    ensure_lanes()

    while claim := claim_lane(now(), holder="a relay that may die"):
        delivered = []
        for message in claim.messages:
            if message.id == killer.id:
                break
            delivered.append(message.position)
        else:
            settle(claim, Settlement(delivered=delivered), now())
            continue
        now.advance(seconds=31)

    assert again(killer).state == State.DEAD
    assert again(killer).reason.startswith("cut off 12 times")
    states = {again(other).state for other in others}
    assert states == {State.DELIVERED}


def test_a_message_that_ends_its_relays_is_given_up_on(now, relay, receiver):
    killer, innocent = write("ana"), write("ana")
    ensure_lanes()

    for _ in range(MOST_ATTEMPTS):
        claim_lane(now(), holder="a relay that dies")
        now.advance(seconds=31)
    relay.drain()

    assert again(killer).state == State.DEAD
    assert killer.reason.startswith("cut off 12 times")
    assert killer.happened == Happened.UNKNOWN
    assert receiver.ids == [innocent.id]


@pytest.mark.django_db(transaction=True)
def test_a_new_relay_takes_over_from_a_dead_one_of_its_machine(ended_threads):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    host, clock, receiver = socket.gethostname(), DatabaseClock(), Receiver()
    ensure_lanes()
    holders = (f"{host}:{process.pid}", f"{host}:{os.getppid()}", "elsewhere:1")
    claims = []
    for key, holder in zip(("ana", "bob", "cem"), holders, strict=True):
        write(key)
        claims.append(claim_lane(clock(), holder=holder))
    assert len({claim.lane_id for claim in claims}) == 3

    with running(Relay(deliver=receiver)):
        wait_until(lambda: receiver.taken, 10, "the dead relay's message")

    assert receiver.ids == [claims[0].messages[0].id]
    leases = Lane.objects.filter(leased_until__gt=clock())
    assert {lane.leased_by for lane in leases} == {
        f"{host}:{os.getppid()}",
        "elsewhere:1",
    }


def test_an_attempt_is_counted_before_it_is_made(now):
    message = write("ana")
    ensure_lanes()

    claim_lane(now(), holder="killed")

    assert again(message).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_a_stopping_relay_finishes_one_message_and_frees_the_lane(ended_threads):
    messages = [write("ana") for _ in range(3)]
    receiver = Receiver()

    def deliver(message):
        receiver(message)
        relay.stop()

    relay = Relay(deliver=deliver)
    relay.run()

    assert receiver.ids == [messages[0].id]
    assert again(messages[0]).state == State.DELIVERED
    assert [again(message).attempts for message in messages[1:]] == [0, 0]
    assert all(message.state == State.PENDING for message in messages[1:])
    assert not Lane.objects.exclude(leased_until=None).exists()


def test_sending_ends_well_before_the_lease(now, receiver):
    messages = [write("ana") for _ in range(3)]
    seconds = iter([0, 1, 1, 1])  # then the lease is as good as over
    started = []

    def monotonic():
        return next(seconds, 23)

    def deliver(message):
        started.append(message.id)
        receiver(message)

    relay = Relay(deliver=deliver, now=now, monotonic=monotonic)
    ensure_lanes()
    claim = claim_lane(now(), holder="one")
    relay._work(claim)

    assert 1 <= len(started) < 3
    assert again(messages[-1]).attempts == 0
    assert again(messages[-1]).state == State.PENDING


def test_a_batch_is_at_most_a_hundred(now):
    write("ana", count=BATCH + 20)
    ensure_lanes()

    assert len(claim_lane(now(), holder="one").messages) == BATCH


def test_lanes_are_served_in_turn(relay, receiver):
    busy, other = "key-0", "key-1"
    assert lane_of(busy) != lane_of(other)
    write(busy, count=3 * BATCH)
    last = write(other)

    relay.drain()

    assert receiver.ids.index(last.id) <= 2 * BATCH


def test_cancelled_messages_are_not_delivered(relay, receiver):
    message = write("ana")
    letters.cancel([message], reason="a mistake")

    relay.drain()

    assert receiver.taken == []
    assert again(message).state == State.CANCELLED


def test_every_destination_gets_its_lanes_once(settings):
    write("ana", destination="elsewhere")

    ensure_lanes()
    ensure_lanes()

    peers = {*settings.PEERS, "elsewhere"} - {settings.SERVICE}
    assert Lane.objects.count() == LANES * len(peers)


# ── threads and cost ─────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_relays_in_threads_send_each_message_once_and_in_order(now, ended_threads):
    for number in range(30):
        for key in ("ana", "bob", "cem", f"other-{number}"):
            write(key)
    ensure_lanes()
    receiver = Receiver()

    def run():
        try:
            Relay(deliver=receiver, now=now).drain()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    Relay(deliver=receiver, now=now).drain()

    assert len(receiver.taken) == len(set(receiver.ids)) == 120
    for key in ("ana", "bob", "cem"):
        positions = [
            message.position
            for message in receiver.taken
            if message.ordering_key == key
        ]
        assert positions == sorted(positions)


@pytest.mark.django_db(transaction=True)
def test_the_relay_runs_until_it_is_stopped(now, ended_threads):
    receiver = Receiver()
    relay = Relay(deliver=receiver)
    delivered = threading.Event()

    def deliver(message):
        receiver(message)
        delivered.set()

    relay._deliver = deliver
    thread = threading.Thread(target=relay.run)
    thread.start()
    message = write("ana")
    assert delivered.wait(10)
    relay.stop()
    thread.join(10)

    assert not thread.is_alive()
    assert receiver.ids == [message.id]
    assert again(message).state == State.DELIVERED


def test_a_look_at_an_idle_outbox_is_one_query(now):
    ensure_lanes()

    with CaptureQueriesContext(connection) as queries:
        assert claim_lane(now(), holder="idle") is None

    assert len(queries) == 1


def test_claiming_uses_indexes(now):
    write_all(3000)
    write_all(300, destination="notification")
    ensure_lanes()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with CaptureQueriesContext(connection) as queries:
        claim = claim_lane(now(), holder="one")
    assert claim.messages

    plans = []
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith(("SELECT", "UPDATE")):
                explain = "EXPLAIN QUERY PLAN " if _is_sqlite() else "EXPLAIN "
                cursor.execute(explain + query["sql"].removesuffix(";"))
                plans += [str(row) for row in cursor.fetchall()]
    whole_table = (
        "SCAN outbox_outboxmessage"
        if _is_sqlite()
        else ("Seq Scan on outbox_outboxmessage")
    )
    assert plans
    assert not [plan for plan in plans if whole_table in plan and "USING" not in plan]


def _is_sqlite():
    return connection.vendor == "sqlite"


# ── what leaves ──────────────────────────────────────────────────────────────


def test_delivered_rows_are_purged_after_a_week_and_others_never(relay, receiver, now):
    delivered, dead, pending = write("ana"), write("bob"), write("cem")
    receiver.fail(dead.id, rejected(422, "bad"))
    receiver.fail(pending.id, rejected(405, "method_not_allowed"))
    relay.drain()
    assert purge_delivered(now=now) == 0

    now.advance(days=8)

    assert purge_delivered(now=now) == 1
    left = set(OutboxMessage.objects.values_list("id", flat=True))
    assert left == {dead.id, pending.id}
    assert delivered.id not in left


def test_what_waits_for_a_week_expires_without_a_relay(now):
    message = write("ana")
    assert expire_pending(now=now) == 0

    now.advance(days=8)

    assert expire_pending(now=now) == 1
    assert again(message).state == State.DEAD
    assert message.reason == "expired"


def test_a_call_error_of_no_kind_counts_as_an_attempt(relay, receiver):
    message = write("ana")
    receiver.fail("ana", CallError("odd", attempts=1))

    relay.drain()

    assert again(message).attempts == 1
