"""Put messages into the outbox: one INSERT each, in the caller's transaction."""

import zlib
from uuid import UUID

from django.db import transaction

from shared.telemetry.trace import current_trace
from shared.wire.ids import uuid7

from .models import OutboxMessage
from .wakeup import wake_relays

LANES = 64  # enough for 8 sender threads on each of 8 relays; a lane row costs nothing


class OutsideTransactionError(RuntimeError):
    """Outside a transaction nothing binds a message to its cause."""


def in_own_transaction() -> bool:
    """Say whether a transaction is open that the caller's code has begun.

    The block that Django's TestCase wraps around a test is not the caller's.
    """
    connection = transaction.get_connection()
    return connection.in_atomic_block and not all(
        getattr(block, "_from_testcase", False) for block in connection.atomic_blocks
    )


def lane_of(ordering_key: str) -> int:
    """Return the lane of an ordering key: the same in every process and release."""
    return zlib.crc32(ordering_key.encode()) % LANES


def write_message(
    *,
    kind: str,
    type_: str,
    destination: str,
    payload: str,
    ordering_key: str = "",
    on_behalf_of: UUID | None = None,
    id_: UUID | None = None,
) -> OutboxMessage:
    """Store a message beside the change it belongs to.

    Raises OutsideTransactionError when there is no transaction: a crash between the
    change and the message would lose one of them.
    """
    connection = transaction.get_connection()
    if not in_own_transaction():
        raise OutsideTransactionError(
            f"{type_} must be written inside transaction.atomic, beside its cause."
        )
    id_ = id_ or uuid7()
    ordering_key = ordering_key or str(id_)
    message = OutboxMessage.objects.create(
        id=id_,
        kind=kind,
        type=type_,
        destination=destination,
        ordering_key=ordering_key,
        lane=lane_of(ordering_key),
        payload=payload,
        on_behalf_of=on_behalf_of,
        traceparent=current_trace().traceparent,
    )
    _wake_after_commit(connection)
    return message


def _wake_after_commit(connection: object) -> None:
    # One hint per transaction, however many messages it holds.
    if not any(hook[1] is wake_relays for hook in connection.run_on_commit):
        transaction.on_commit(wake_relays, robust=True)
