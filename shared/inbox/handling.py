"""Handle a keyed request once: the record and the effect are one transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from shared.telemetry import metrics
from shared.telemetry.trace import current_trace_id
from shared.wire.errors import DomainError
from shared.wire.ids import uuid7_time

from .locks import try_lock_in_transaction
from .models import InboxRecord

# Longer than a sender tries (7 days) plus the time a dead letter waits for a person.
RETENTION = timedelta(days=30)
# Clocks of services may differ; a key from further in the future was not made by time.
FUTURE_TOLERANCE = timedelta(hours=2)


class IdempotencyKeyInvalidError(DomainError):
    """Idempotency-Key must be a UUIDv7 that is not dated in the future."""

    code = "idempotency_key_invalid"
    status = 400


class IdempotencyKeyExpiredError(DomainError):
    """The key is older than the inbox remembers; use a new one."""

    code = "idempotency_key_expired"
    status = 409


class IdempotencyKeyReusedError(DomainError):
    """The same key came before with another request."""

    code = "idempotency_key_reused"
    status = 422


class InProgressError(DomainError):
    """The first request with this key is still being handled."""

    code = "in_progress"
    status = 409
    retryable = True


@dataclass(frozen=True, slots=True)
class HandledAnswer:
    """Status and body of an answer, and whether it was stored before."""

    status: int
    body: bytes
    is_replay: bool = False


def read_key(text: str, *, now: Callable[[], datetime] = timezone.now) -> UUID:
    """Return the idempotency key in *text*.

    Raises IdempotencyKeyInvalidError or IdempotencyKeyExpiredError.
    """
    try:
        key = UUID(text)
        made_at = uuid7_time(key)
    except (ValueError, OverflowError) as error:
        raise IdempotencyKeyInvalidError from error
    if made_at > now() + FUTURE_TOLERANCE:
        raise IdempotencyKeyInvalidError
    if made_at < now() - RETENTION:
        raise IdempotencyKeyExpiredError
    return key


def fingerprint_of(method: str, path: str, query: str, body: bytes) -> str:
    """Return what tells one request from another: SHA-256 over its four parts."""
    digest = hashlib.sha256()
    for part in (method.encode(), path.encode(), query.encode(), body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def handle_once(
    *,
    caller: str,
    scope: str,
    key: UUID,
    fingerprint: str,
    run: Callable[[], tuple[int, bytes]],
) -> HandledAnswer:
    """Run *run* in a transaction unless its answer is stored; return the answer.

    An exception from *run* rolls everything back and leaves no record, so the request
    may come again. Raises IdempotencyKeyReusedError and InProgressError.
    """
    with transaction.atomic():
        if not try_lock_in_transaction("inbox", caller, scope, str(key)):
            raise InProgressError(retry_after=1)
        record = InboxRecord.objects.filter(caller=caller, scope=scope, key=key).first()
        if record is not None:
            return _replay(record, fingerprint)
        status, body = run()
        InboxRecord.objects.create(
            caller=caller,
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            status=status,
            answer=body.decode(),
            trace_id=current_trace_id(),
        )
        return HandledAnswer(status, body)


def _replay(record: InboxRecord, fingerprint: str) -> HandledAnswer:
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReusedError
    metrics.inbox_duplicates.labels(record.caller, record.scope).inc()
    return HandledAnswer(record.status, record.answer.encode(), is_replay=True)


def purge_inbox(
    *, batch: int = 1000, now: Callable[[], datetime] = timezone.now
) -> int:
    """Delete up to *batch* records that no sender can repeat any more."""
    old = InboxRecord.objects.filter(
        created_at__lt=now() - RETENTION - FUTURE_TOLERANCE
    ).order_by("created_at")
    count, _ = InboxRecord.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:batch])
    ).delete()
    return count
