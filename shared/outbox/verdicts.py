"""What the relay does after a delivery that failed: the second half of the table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.client.backoff import full_jitter
from shared.wire.errors import (
    BulkheadFull,
    CallError,
    CircuitOpen,
    ContractViolation,
    Happened,
    PeerFailed,
    PeerRejected,
)

from .models import OutboxMessage

MOST_ATTEMPTS = 12
LEAST_TRYING = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=7)
ATTEMPT_BASE_SECONDS = 1.0
ATTEMPT_CAP_SECONDS = 600.0
LATER_CAP_SECONDS = 60.0
ACCOUNT_ERASED = "account erased"  # why a message was cancelled


class Verdict(StrEnum):
    """What becomes of the message."""

    PEER_AWAY = "peer_away"  # a deferral; the destination is probed
    LATER = "later"  # a deferral of this message alone
    FAILED = "failed"  # an attempt, unless the breaker says that it is an outage
    REFUSED = "refused"  # a dead letter at once
    UNWANTED = "unwanted"  # about somebody who was erased: cancelled
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and after how many seconds to look again when the peer said so."""

    verdict: Verdict
    retry_after: float | None = None


# A version mismatch in a rolling deploy, or a grant that is yet to come.
_WRONG_RELEASE = {
    "route_not_found",
    "method_not_allowed",
    "unknown_event_type",
    "caller_not_allowed",
}
_PATIENT_STATUSES = {408, 425}
_RUNNING_SECONDS = 0.3


def judge(error: CallError) -> Judgement:
    """Return what a failed delivery means for its message."""
    if isinstance(error, ContractViolation):
        return Judgement(Verdict.DELIVERED)
    if isinstance(error, CircuitOpen):
        return Judgement(Verdict.PEER_AWAY, error.retry_after)
    if isinstance(error, BulkheadFull):
        return Judgement(Verdict.LATER, _RUNNING_SECONDS)
    if isinstance(error, PeerRejected):
        return _judge_rejection(error)
    if isinstance(error, PeerFailed):
        if error.status == 503:
            return Judgement(Verdict.PEER_AWAY, error.retry_after)
        return Judgement(Verdict.FAILED)
    if error.outcome in ("refused", "no_address"):
        return Judgement(Verdict.PEER_AWAY)
    return Judgement(Verdict.FAILED)


def _judge_rejection(error: PeerRejected) -> Judgement:
    if error.code == "in_progress":
        return Judgement(Verdict.LATER, _RUNNING_SECONDS)
    if error.code == "account_erased":
        return Judgement(Verdict.UNWANTED)
    if error.code in _WRONG_RELEASE or _is_misrouted(error):
        return Judgement(Verdict.LATER)
    if error.status == 429:
        return Judgement(Verdict.PEER_AWAY, getattr(error, "retry_after", None))
    if error.status in (401, 403):
        return Judgement(Verdict.PEER_AWAY)
    if error.status in _PATIENT_STATUSES:
        return Judgement(Verdict.LATER, 1.0)
    return Judgement(Verdict.REFUSED)


def _is_misrouted(error: PeerRejected) -> bool:
    # A redirect, or a 404 without a problem: something else answered at that address.
    return error.status < 400 or (error.status == 404 and not error.code)


def is_misconfigured(error: CallError) -> bool:
    """Say whether the peer refuses this service itself: a person must act."""
    return isinstance(error, PeerRejected) and error.status in (401, 403)


def apply_failure(
    message: OutboxMessage,
    error: CallError,
    verdict: Verdict,
    *,
    retry_after: float | None,
    now: datetime,
    chance: Callable[[], float],
) -> None:
    """Change *message* (not the database) as its failed delivery demands."""
    message.last_outcome = error.outcome
    message.last_error = error.detail[:500]
    if message.happened != Happened.UNKNOWN or error.happened is Happened.YES:
        message.happened = error.happened
    if verdict is Verdict.REFUSED:
        message.happened = error.happened
        message.first_attempt_at = message.first_attempt_at or now
        _bury(message, f"refused: {getattr(error, 'code', '') or error.outcome}", now)
        return
    if verdict is Verdict.UNWANTED:
        message.happened = error.happened
        message.state = OutboxMessage.State.CANCELLED
        message.reason, message.settled_at = ACCOUNT_ERASED, now
        return
    if verdict is Verdict.FAILED:
        _count_attempt(message, now, chance)
    else:
        message.attempts -= 1
        message.deferrals += 1
    if verdict is Verdict.LATER:
        wait = retry_after
        if wait is None:
            wait = full_jitter(
                message.deferrals,
                base=ATTEMPT_BASE_SECONDS,
                cap=LATER_CAP_SECONDS,
                chance=chance,
            )
        message.not_before = now + timedelta(seconds=wait)
    is_pending = message.state == OutboxMessage.State.PENDING
    if is_pending and now - message.queued_at > GIVE_UP_AFTER:
        _bury(message, "expired", now)


def _count_attempt(
    message: OutboxMessage, now: datetime, chance: Callable[[], float]
) -> None:
    message.first_attempt_at = message.first_attempt_at or now
    is_long_enough = now - message.first_attempt_at >= LEAST_TRYING
    if message.attempts >= MOST_ATTEMPTS and is_long_enough:
        _bury(message, f"failed {message.attempts} times", now)
        return
    wait = full_jitter(
        message.attempts,
        base=ATTEMPT_BASE_SECONDS,
        cap=ATTEMPT_CAP_SECONDS,
        chance=chance,
    )
    message.not_before = now + timedelta(seconds=wait)


def _bury(message: OutboxMessage, reason: str, now: datetime) -> None:
    message.state = OutboxMessage.State.DEAD
    message.reason = reason[:200]
    message.settled_at = now
