"""What a peer that is wholly out is sent, by callers and a relay together."""

import threading
import time
from collections import Counter

import pytest
from django.db import transaction

from shared.client.breaker import PROBES, CircuitBreaker, State
from shared.client.discovery import directory
from shared.client.outcomes import Breaker
from shared.contracts.user import (
    GetProfiles,
    UpdateProgress,
    get_profiles,
    update_progress,
)
from shared.outbox.models import OutboxMessage
from shared.outbox.relay import SENDERS_PER_DESTINATION, Relay
from shared.peers.policy import Policy
from shared.wire.errors import CallError, CircuitOpen, PeerUnavailable
from shared.wire.ids import uuid7

from .running import repeating, running, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SENDS_PER_CALL = 1.10
PROBES_PER_SECOND = 1
# What is on its way when the last failure that opens the breaker comes back.
BEFORE_IT_OPENS = Policy().breaker_failures_in_a_row - 1 + SENDERS_PER_DESTINATION
CALLS = 60

OUT = {
    "down": lambda peer: peer.resets(),
    "failing": lambda peer: peer.answers(500),
    "unavailable": lambda peer: peer.answers(503, retry_after=1),
    "silent": lambda peer: peer.hangs(),
}


@pytest.mark.parametrize("out", OUT)
def test_an_outage_multiplies_nothing(faulty_peer, ended_threads, out):
    peer = faulty_peer("user")
    OUT[out](peer)
    with transaction.atomic():
        for _ in range(50):
            update_progress.later(UpdateProgress(user_id=uuid7(), lessons_completed=1))
    outcomes = Counter()

    def call():
        try:
            get_profiles.now(GetProfiles(ids=[uuid7()]))
        except CallError as error:
            outcomes[error.outcome] += 1

    began = time.monotonic()
    with running(Relay()), repeating(call, threads=4, every=0.1):
        wait_until(lambda: outcomes.total() >= CALLS, 30, f"{CALLS} calls")
        seconds = time.monotonic() - began
        sends = len(peer.requests)

    assert outcomes["circuit_open"]
    assert sends <= SENDS_PER_CALL * outcomes.total() + PROBES_PER_SECOND * seconds
    # The relay's own share, too: each message that it sent is still there.
    by_relay = [request for request in peer.requests if request.method == "PUT"]
    most = BEFORE_IT_OPENS + PROBES_PER_SECOND * (time.monotonic() - began)
    assert 0 < len(by_relay) <= most
    assert OutboxMessage.objects.pending().count() == 50


def test_threads_that_find_a_half_open_breaker_send_three_probes(
    faulty_peer, clock, ended_threads
):
    peer = faulty_peer("user")
    peer.hangs()
    [instance] = directory.peer("user").instances
    breaker = instance.breaker = CircuitBreaker(Policy(), clock=clock)
    for _ in range(5):
        breaker.record(breaker.acquire(), Breaker.FAILURE)
    clock.advance(7)
    assert breaker.state is State.HALF_OPEN
    barrier, outcomes = threading.Barrier(20), []

    def call():
        barrier.wait()
        try:
            get_profiles.now(GetProfiles(ids=[uuid7()]), timeout_seconds=2)
        except (CircuitOpen, PeerUnavailable) as error:
            outcomes.append(error)

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 20
    assert len(peer.requests) == PROBES == 3
    assert sum(isinstance(error, CircuitOpen) for error in outcomes) >= 17
    assert breaker.state is State.OPEN
