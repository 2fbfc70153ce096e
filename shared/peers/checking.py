"""Who is calling? The check of X-Internal-API-Key, before the body is read."""

import hmac
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.utils import timezone

from shared.telemetry import metrics
from shared.wire.errors import DomainError

from .keys import MalformedKeyError, digest_of, parse_key
from .models import InternalAPIKey

logger = logging.getLogger(__name__)

KNOWN_SECONDS = 15.0  # also how long a revoked key may live on
UNKNOWN_SECONDS = 5.0
MOST_ENTRIES = 1024  # random key ids must not fill the memory
_USED_EVERY_SECONDS = 60.0
_NO_DIGEST = b"0" * 64


class InvalidInternalKeyError(DomainError):
    """The internal key is missing or not accepted."""

    code = "invalid_internal_key"
    status = 403

    def __init__(self, cause: str) -> None:
        # One body for all causes; the cause is for the log.
        super().__init__(members={"error": "forbidden: invalid internal key"})
        self.cause = cause


class KeysUnavailableError(DomainError):
    """The internal keys cannot be read right now."""

    code = "keys_unavailable"
    status = 503
    retryable = True


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    caller: str
    digest: bytes
    state: str
    not_before: datetime | None
    expires_at: datetime | None


class KeyChecker:
    """Checks keys against the database through a small cache by key id."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[float, _Known | None]] = OrderedDict()
        self._used: dict[int, float] = {}

    def caller_of(self, header: str | None) -> str:
        """Return the caller whose key this is.

        Raises InvalidInternalKeyError, whatever the bytes in the header, and
        KeysUnavailableError when the database does not answer.
        """
        if not header:
            raise InvalidInternalKeyError("missing")
        try:
            key = parse_key(header)
        except MalformedKeyError as error:
            raise InvalidInternalKeyError("malformed") from error
        known = self._find(key.key_id)
        expected = known.digest if known else _NO_DIGEST
        is_equal = hmac.compare_digest(digest_of(header).encode(), expected)
        if known is None:
            raise InvalidInternalKeyError("unknown")
        if not is_equal:
            raise InvalidInternalKeyError("wrong")
        self._check_validity(known)
        self._note_use(known.pk)
        return known.caller

    def forget(self) -> None:
        """Empty the cache."""
        with self._lock:
            self._entries.clear()

    def _check_validity(self, known: _Known) -> None:
        if known.state == InternalAPIKey.State.REVOKED:
            raise InvalidInternalKeyError("revoked")
        if known.expires_at and known.expires_at <= self._now():
            raise InvalidInternalKeyError("expired")
        if known.not_before and known.not_before > self._now():
            raise InvalidInternalKeyError("not valid yet")

    def _find(self, key_id: str) -> _Known | None:
        entry = self._entries.get(key_id)
        if entry and entry[0] > self._clock():
            return entry[1]
        known = self._read(key_id)
        keep = KNOWN_SECONDS if known else UNKNOWN_SECONDS
        with self._lock:
            self._entries[key_id] = (self._clock() + keep, known)
            self._entries.move_to_end(key_id)
            if len(self._entries) > MOST_ENTRIES:
                self._entries.popitem(last=False)
        return known

    def _read(self, key_id: str) -> _Known | None:
        try:
            row = InternalAPIKey.objects.filter(key_id=key_id).first()
        except DatabaseError as error:
            raise KeysUnavailableError(retry_after=1) from error
        if row is None:
            return None
        return _Known(
            row.pk,
            row.caller,
            row.digest.encode(),
            row.state,
            row.not_before,
            row.expires_at,
        )

    def _note_use(self, pk: int) -> None:
        due = self._used.get(pk, 0.0)
        if due > self._clock():
            return
        self._used[pk] = self._clock() + _USED_EVERY_SECONDS
        try:
            InternalAPIKey.objects.filter(pk=pk).update(last_used_at=self._now())
        except DatabaseError:
            logger.warning("use of an internal key was not recorded", exc_info=True)


checker = KeyChecker()


def count_refusal(cause: str) -> None:
    """Count a refused internal request by its cause."""
    metrics.internal_requests_refused.labels(cause).inc()
