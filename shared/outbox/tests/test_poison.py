"""One message that its receiver cannot take, among others that it can."""

import pytest
from django.db import transaction

from shared.contracts.user import UpdateProgress, update_progress
from shared.outbox import letters
from shared.outbox.models import OutboxMessage
from shared.outbox.relay import Relay
from shared.testing.faulty_peer import Reply
from shared.wire.ids import uuid7

from .running import running, wait_until

State = OutboxMessage.State

# 1 s is promised; machines are shared.
DELAY_SECONDS = 2 * 1


def write(learner):
    with transaction.atomic():
        return update_progress.later(
            UpdateProgress(user_id=learner, lessons_completed=1)
        )


@pytest.fixture
def poisoned():
    return uuid7()


@pytest.fixture
def peer(faulty_peer):
    return faulty_peer("user")


def poison(peer, learner, status):
    """Let *peer* fail over one learner and take everything else."""

    def reply(request):
        if request.json["user_id"] == str(learner):
            return Reply(status, {"code": "boom", "status": status})
        return Reply()

    peer.replies(reply)


def taken(peer):
    """Return whose messages have arrived, in order."""
    return [request.json["user_id"] for request in peer.requests]


@pytest.mark.parametrize("status", [500, 422])
@pytest.mark.django_db(transaction=True)
def test_others_are_not_delayed(peer, poisoned, ended_threads, status):
    poison(peer, poisoned, status)

    with running(Relay()):
        write(poisoned)
        wait_until(lambda: str(poisoned) in taken(peer), 10, "the poisoned message")
        delays = [_seconds_until_delivered(write(uuid7())) for _ in range(20)]

    assert max(delays) < DELAY_SECONDS
    [row] = OutboxMessage.objects.exclude(state=State.DELIVERED)
    assert row.ordering_key == str(poisoned)
    assert row.state == {500: State.PENDING, 422: State.DEAD}[status]


def _seconds_until_delivered(message):
    delivered = OutboxMessage.objects.filter(pk=message.pk, state=State.DELIVERED)
    return wait_until(delivered.exists, 10, "a delivery")


@pytest.mark.parametrize("status", [500, 422])
@pytest.mark.django_db
def test_it_ends_as_a_dead_letter_that_can_be_redelivered(peer, poisoned, now, status):
    poison(peer, poisoned, status)
    relay = Relay(now=now, chance=lambda: 1.0)
    message = write(poisoned)
    others = 0
    while message.state == State.PENDING and others < 80:
        # Two to one: these hours pass within one window of the breaker.
        write(uuid7())
        write(uuid7())
        others += 2
        relay.drain()
        # So much that the next attempt is due, whichever it is.
        now.advance(minutes=10, seconds=1)
        message.refresh_from_db()

    assert message.state == State.DEAD
    assert message.reason.startswith({500: "failed", 422: "refused"}[status])
    assert OutboxMessage.objects.filter(state=State.DELIVERED).count() == others
    peer.up()
    assert letters.redeliver([message]) == 1
    relay.drain()
    message.refresh_from_db()
    assert message.state == State.DELIVERED
    last = peer.requests[-1]
    assert last.headers["idempotency-key"] == str(message.id)
    assert last.json["user_id"] == str(poisoned)
