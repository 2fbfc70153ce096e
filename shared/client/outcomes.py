"""What an outcome means: the table that pipeline and relay decide by."""

from dataclasses import dataclass
from enum import StrEnum

from shared.wire.errors import Happened


class Breaker(StrEnum):
    """How an outcome counts for the breaker."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


class Again(StrEnum):
    """When the same request may be sent once more in the same call."""

    NEVER = "never"
    KEYED = "keyed"  # a read, or a write with an idempotency key
    ALWAYS = "always"  # it did not happen, so anything may
    RELOAD_KEY = "reload_key"  # once, after reading the own key again


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table."""

    happened: Happened
    breaker: Breaker
    again: Again


NOT_SENT = Meaning(Happened.NO, Breaker.FAILURE, Again.ALWAYS)
REFUSED_HERE = Meaning(Happened.NO, Breaker.NEUTRAL, Again.NEVER)
BROKEN = Meaning(Happened.UNKNOWN, Breaker.FAILURE, Again.KEYED)
TRY_LATER = Meaning(Happened.NO, Breaker.NEUTRAL, Again.ALWAYS)
OVERLOADED = Meaning(Happened.NO, Breaker.FAILURE, Again.ALWAYS)
FAILED = Meaning(Happened.UNKNOWN, Breaker.FAILURE, Again.KEYED)
RUNNING = Meaning(Happened.UNKNOWN, Breaker.NEUTRAL, Again.KEYED)
UNAUTHORISED = Meaning(Happened.NO, Breaker.NEUTRAL, Again.RELOAD_KEY)
REFUSED = Meaning(Happened.NO, Breaker.SUCCESS, Again.NEVER)
ANSWERED = Meaning(Happened.YES, Breaker.SUCCESS, Again.NEVER)
OUT_OF_TIME = Meaning(Happened.UNKNOWN, Breaker.NEUTRAL, Again.NEVER)

_BY_STATUS = {
    401: UNAUTHORISED,
    403: UNAUTHORISED,
    408: TRY_LATER,
    425: TRY_LATER,
    429: TRY_LATER,
}


def meaning_of(
    status: int, *, code: str = "", has_retry_after: bool = False
) -> Meaning:
    """Return what an answer with this status and problem code means."""
    if status == 409 and code == "in_progress":
        return RUNNING
    if status == 503 and has_retry_after:
        return OVERLOADED
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 200 <= status < 300:
        return ANSWERED
    if status >= 500:
        return FAILED
    return REFUSED
