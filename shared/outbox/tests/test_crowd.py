"""A destination with a crowd of waiting messages beside one with few."""

import math
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shared.outbox.lanes import claim_lane, ensure_lanes
from shared.outbox.models import OutboxMessage
from shared.outbox.relay import Relay
from shared.outbox.writing import lane_of, write_message
from shared.wire.ids import uuid7

from .receiver import Receiver, failed
from .running import running, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

P95_SECONDS = 2 * 2
DELIVERIES = 40
SIZES = [
    5_000,
    pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(900)]),
]
_PROGRESS = "PUT /api/v1/user/internal/progress/update"


def crowd(count, **fields):
    """Let *count* messages of as many learners wait for user-service."""
    keys = (str(uuid7()) for _ in range(count))
    OutboxMessage.objects.bulk_create(
        (
            OutboxMessage(
                kind="call",
                type=_PROGRESS,
                destination="user",
                payload="{}",
                ordering_key=key,
                lane=lane_of(key),
                **fields,
            )
            for key in keys
        ),
        batch_size=5_000,
    )
    ensure_lanes()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def seconds_to_notification():
    """Write one message to notification-service; return how long it takes."""
    with transaction.atomic():
        message = write_message(
            kind="call",
            type_="POST /api/v1/notification/internal/send",
            destination="notification",
            payload="{}",
            ordering_key=str(uuid7()),
        )
    delivered = OutboxMessage.objects.filter(pk=message.pk, state="delivered")
    return wait_until(delivered.exists, 60, "a delivery beside the crowd")


def p95(seconds):
    return sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]


class SlowReceiver(Receiver):
    """Takes what comes, but takes its time over the crowd."""

    def __call__(self, message):
        if message.destination == "user":
            time.sleep(0.005)  # as long as a request that is answered well
        super().__call__(message)


@pytest.mark.parametrize("count", SIZES)
def test_a_crowd_that_is_being_delivered_does_not_hold_up_others(ended_threads, count):
    crowd(count)
    receiver = SlowReceiver()

    with running(Relay(deliver=receiver)):
        wait_until(lambda: receiver.taken, 60, "the crowd moves")
        seconds = [seconds_to_notification() for _ in range(DELIVERIES)]
        is_still_waiting = OutboxMessage.objects.pending().exists()

    assert is_still_waiting
    assert p95(seconds) < P95_SECONDS


@pytest.mark.parametrize("count", SIZES)
def test_a_crowd_that_fails_does_not_hold_up_others(ended_threads, count):
    crowd(count)
    receiver = Receiver()
    receiver.fail("user", failed(503))

    with running(Relay(deliver=receiver)):
        wait_until(lambda: receiver.tries, 60, "the crowd is tried")
        seconds = [seconds_to_notification() for _ in range(DELIVERIES)]

    assert OutboxMessage.objects.pending().count() == count
    assert p95(seconds) < P95_SECONDS
    # An outage with a crowd behind it costs probes, not a try per message.
    assert sum(receiver.tries.values()) - DELIVERIES < 4 + 1 * (sum(seconds) + 5)


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("is_due", [True, False])
def test_a_claim_beside_a_crowd_reads_by_index(count, is_due):
    later = timezone.now() + timedelta(days=1)
    crowd(count, **({} if is_due else {"not_before": later}))
    with transaction.atomic():
        write_message(
            kind="call",
            type_=_PROGRESS,
            destination="notification",
            payload="{}",
            ordering_key="an",
        )

    with CaptureQueriesContext(connection) as queries:
        claim = claim_lane(timezone.now() + timedelta(minutes=1), holder="one")

    assert claim.messages
    plans = [plan for query in queries for plan in _plan_of(query["sql"])]
    assert [plan for plan in plans if "outbox_" in plan]
    assert [plan for plan in plans if _reads_all_messages(plan)] == []


def _plan_of(sql):
    if not sql.startswith(("SELECT", "UPDATE")):
        return []
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + sql)
        return [str(row) for row in cursor.fetchall()]


def _reads_all_messages(plan):
    if connection.vendor == "sqlite":
        return "SCAN outbox_outboxmessage" in plan and "USING" not in plan
    return "Seq Scan on outbox_outboxmessage" in plan
