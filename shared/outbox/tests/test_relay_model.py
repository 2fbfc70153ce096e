"""The outbox against a plain model, in histories that Hypothesis makes up."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from shared.outbox import letters
from shared.outbox.models import Destination, Lane, OutboxMessage
from shared.outbox.relay import Relay
from shared.outbox.writing import write_message

from .receiver import Now, Receiver, away, failed, rejected

State = OutboxMessage.State
DESTINATIONS = st.sampled_from(["user", "notification"])
KEYS = st.sampled_from(["ana", "bob", "cem", "dan"])


class OutboxMachine(RuleBasedStateMachine):
    """Messages are written while peers come and go and people act."""

    @initialize()
    def begin(self):
        for model in (OutboxMessage, Lane, Destination):
            model.objects.all().delete()
        self.now = Now()
        self.receiver = Receiver()
        self.relay = Relay(deliver=self.receiver, now=self.now, chance=lambda: 1.0)
        self.written = {}  # id: (destination, key, number)
        self.ever_dead = set()
        self.cancelled = {}  # id: how often it had been taken before

    @rule(destination=DESTINATIONS, key=KEYS)
    def write(self, destination, key):
        with transaction.atomic():
            message = write_message(
                kind="call",
                type_="PUT /x",
                destination=destination,
                payload="{}",
                ordering_key=key,
            )
        self.written[message.id] = (destination, key, len(self.written))

    @rule(destination=DESTINATIONS)
    def go_away(self, destination):
        self.receiver.fail(destination, away())

    @rule(destination=DESTINATIONS)
    def come_back(self, destination):
        self.receiver.heal(destination)

    @rule(key=KEYS)
    def poison(self, key):
        self.receiver.fail(key, failed())

    @rule(key=KEYS)
    def mend(self, key):
        self.receiver.heal(key)

    @rule(data=st.data())
    def refuse(self, data):
        if self.written:
            chosen = data.draw(st.sampled_from(sorted(self.written, key=str)))
            self.receiver.fail(chosen, rejected(422, "bad"))

    @rule(data=st.data())
    def cancel(self, data):
        rows = list(OutboxMessage.objects.open().order_by("position"))
        if rows:
            message = data.draw(st.sampled_from(rows), label="cancelled")
            letters.cancel([message], reason="a test")
            self.cancelled[message.id] = self.receiver.ids.count(message.id)

    @rule()
    def redeliver(self):
        for message in OutboxMessage.objects.dead():
            self.receiver.heal(message.id)
        letters.redeliver(OutboxMessage.objects.dead(), clock=self.now)

    @rule(seconds=st.sampled_from([0.5, 1, 3, 6, 40]))
    def deliver(self, seconds):
        self.relay.drain()
        self.now.advance(seconds=seconds)
        self.note_the_dead()

    @rule()
    def a_free_key_of_a_well_peer_waits_for_nobody(self):
        self.now.advance(seconds=6)
        self.relay.drain()
        self.note_the_dead()
        for row in OutboxMessage.objects.pending():
            is_blocked = (
                row.destination in self.receiver.failing
                or row.ordering_key in self.receiver.failing
                or row.not_before > self.now()
            )
            assert is_blocked, f"{row} waits without a reason"

    @rule()
    def when_all_is_well_all_is_delivered(self):
        for name in list(self.receiver.failing):
            self.receiver.heal(name)
        for _ in range(3):
            self.now.advance(minutes=11)
            self.relay.drain()
        assert not OutboxMessage.objects.pending().exists()

    def note_the_dead(self):
        dead = OutboxMessage.objects.dead().values_list("id", flat=True)
        self.ever_dead |= set(dead)

    @invariant()
    def no_message_is_lost_or_made_up(self):
        states = dict(OutboxMessage.objects.values_list("id", "state"))
        assert set(states) == set(self.written)
        taken = self.receiver.ids
        for id_, state in states.items():
            assert taken.count(id_) == (state == State.DELIVERED)

    @invariant()
    def a_cancelled_message_is_never_delivered_afterwards(self):
        for id_, before in self.cancelled.items():
            assert self.receiver.ids.count(id_) == before == 0

    @invariant()
    def each_key_arrives_in_order(self):
        # What was dead and redelivered has lost its place, by a person's decision.
        last = {}
        for id_ in self.receiver.ids:
            destination, key, number = self.written[id_]
            if id_ not in self.ever_dead:
                assert number > last.get((destination, key), -1)
                last[destination, key] = number

    @invariant()
    def no_lane_stays_leased(self):
        assert not Lane.objects.exclude(leased_until=None).exists()


@pytest.mark.django_db
def test_the_outbox_keeps_its_promises_in_any_history():
    run_state_machine_as_test(
        OutboxMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
