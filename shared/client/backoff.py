"""How long to wait before the next attempt."""

import email.utils
import random
import re
import time
from collections.abc import Callable

BASE_SECONDS = 0.05
CAP_SECONDS = 1.0
# A peer may ask for more patience than ours, but only this much more.
RETRY_AFTER_EXTRA_SECONDS = 5.0
# A twin request is being handled: look again soon.
IN_PROGRESS_SECONDS = (0.1, 0.4)
_SECONDS = re.compile(r"[0-9]{1,9}")


def full_jitter(
    attempt: int,
    *,
    base: float = BASE_SECONDS,
    cap: float = CAP_SECONDS,
    chance: Callable[[], float] = random.random,
) -> float:
    """Return the wait in seconds after failed attempt number *attempt* (from 1).

    "Full jitter" of Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
    """
    return chance() * min(cap, base * 2 ** min(attempt - 1, 30))


def read_retry_after(
    value: str | None, *, now: Callable[[], float] = time.time
) -> float | None:
    """Return a Retry-After header in seconds from now; None when it says nothing.

    A number of seconds or an HTTP date (RFC 9110, section 10.2.3); a date that has
    passed is 0.
    """
    if value is None:
        return None
    text = value.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        return max(0.0, moment.timestamp() - now())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
