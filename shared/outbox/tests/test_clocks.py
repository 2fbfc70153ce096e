"""Clocks that are an hour apart, or step back: what arrives, and how often."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from shared.contracts.user import UpdateProgress, update_progress
from shared.inbox.handling import (
    RETENTION,
    IdempotencyKeyExpiredError,
    fingerprint_of,
    handle_once,
    purge_inbox,
    read_key,
)
from shared.outbox.clock import DatabaseClock
from shared.outbox.models import OutboxMessage
from shared.outbox.relay import Relay
from shared.wire.ids import uuid7

from .receiver import Now, failed

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def write(learner):
    """Write one report of a lesson; return its message."""
    with transaction.atomic():
        return update_progress.later(
            UpdateProgress(user_id=learner, lessons_completed=1)
        )


def relay_at(receiver, now, offset):
    """Return a relay whose own clock is *offset* away from the others'."""
    return Relay(deliver=receiver, now=lambda: now() + offset, chance=lambda: 1.0)


def effects(receiver):
    """Return what an inbox lets through: the first of each key, in order."""
    return list(dict.fromkeys(receiver.ids))


def is_all_delivered():
    return not OutboxMessage.objects.exclude(state="delivered").exists()


@pytest.mark.parametrize("first", [HOUR, -HOUR])
def test_relays_an_hour_apart_deliver_everything_in_order(receiver, now, first):
    now.advance(hours=2)  # what is written now is due by either clock
    learners = [uuid7() for _ in range(5)]
    written = [write(learner) for _ in range(4) for learner in learners]
    one, other = (relay_at(receiver, now, offset) for offset in (first, -first))
    receiver.fail(learners[0], failed())

    for relay in (one, other, one):
        relay.drain()
    receiver.heal(learners[0])
    # The back-off by the clock that is ahead ends an hour later by the other one.
    now.advance(hours=2, seconds=2)
    for relay in (other, one):
        relay.drain()

    assert is_all_delivered()
    assert sorted(effects(receiver)) == sorted(message.id for message in written)
    for learner in learners:
        own = [message.id for message in written if _is_for(message, learner)]
        assert [id_ for id_ in effects(receiver) if id_ in own] == own


def _is_for(message, learner):
    return message.ordering_key == str(learner)


def test_a_lease_that_another_clock_holds_for_over_costs_a_copy_not_an_effect(
    receiver, now
):
    now.advance(hours=2)
    learner = uuid7()
    written = [write(learner) for _ in range(3)]
    ahead = relay_at(receiver, now, HOUR)

    def deliver_beside_another(message):
        receiver(message)
        ahead.drain()

    Relay(deliver=deliver_beside_another, now=now).drain()

    assert is_all_delivered()
    assert effects(receiver) == [message.id for message in written]
    assert len(receiver.ids) > len(written)


def test_a_relay_whose_machine_steps_back_delivers_at_once(receiver):
    """By the wall clock alone, what was written before would wait for an hour."""
    wall = Now()
    relay = Relay(deliver=receiver, now=DatabaseClock(wall=wall))
    before = write(uuid7())
    relay.drain()
    early = write(uuid7())
    wall.advance(hours=-1)

    relay.drain()

    assert receiver.ids == [before.id, early.id]


def test_the_time_of_a_relay_never_goes_back(clock):
    wall = Now()
    read = DatabaseClock(clock, wall=wall)
    if connection.vendor == "postgresql":
        # The server's clock goes on by itself; here only the way between is tried.
        first = read()
        clock.advance(5)
        assert read() == first + timedelta(seconds=5)
        clock.advance(3600)
        assert read() == first + timedelta(seconds=3605)
        return
    first = read()
    clock.advance(5)
    wall.advance(hours=-1)

    assert read() == first + timedelta(seconds=5)
    wall.advance(hours=3)
    assert read() == first + timedelta(hours=2)


@pytest.mark.parametrize("offset", [HOUR, -HOUR])
def test_a_key_of_a_sender_an_hour_away_is_taken_once(offset):
    key = uuid7()  # made by the sender's clock
    text = str(key)
    runs = []

    answers = [
        _handle(read_key(text, now=lambda: timezone.now() + offset), runs),
        _handle(read_key(text, now=lambda: timezone.now() - offset), runs),
    ]

    assert len(runs) == 1
    assert [answer.is_replay for answer in answers] == [False, True]
    assert answers[0].body == answers[1].body


def test_a_purge_by_a_clock_that_is_ahead_forgets_nothing_that_may_come_again():
    key, runs = uuid7(), []
    _handle(key, runs)
    end = timezone.now() + RETENTION - timedelta(seconds=5)
    assert purge_inbox(now=lambda: end + HOUR) == 0

    # The last moment at which a copy is let in, by a clock that is right.
    copy = _handle(read_key(str(key), now=lambda: end), runs)

    assert copy.is_replay
    assert len(runs) == 1
    with pytest.raises(IdempotencyKeyExpiredError):
        read_key(str(key), now=lambda: end + timedelta(seconds=10))


def _handle(key, runs):
    def run():
        runs.append(key)
        return 200, b"{}"

    return handle_once(
        caller="auth",
        scope="POST /ask",
        key=key,
        fingerprint=fingerprint_of("POST", "/ask", "", b"{}"),
        run=run,
    )
