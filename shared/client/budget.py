"""A retry budget: retries are a fraction of calls, so that they end with the outage.

As in the Google SRE book (chapter 22, "Handling Overload") and Finagle's RetryBudget.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

SHARE = 0.2  # of the calls of the last WINDOW_SECONDS
WINDOW_SECONDS = 10.0
PER_SECOND = 1.0
BURST = 3.0


class RetryBudget:
    """The budget of one peer in one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._earned: deque[float] = deque()
        self._tokens = BURST
        self._filled_at = clock()
        self._spent: deque[float] = deque()

    def note_call(self) -> None:
        """Count a logical call, which earns a share of a retry."""
        with self._lock:
            now = self._clock()
            self._earned.append(now)
            # Here too: a peer that is well never asks for a retry.
            _drop_old(self._earned, now)

    @property
    def calls_counted(self) -> int:
        """How many calls of the last seconds earn retries."""
        return len(self._earned)

    def take(self) -> bool:
        """Take one retry, or return False when the budget is used up."""
        with self._lock:
            now = self._clock()
            self._roll(now)
            if len(self._spent) + 1 <= SHARE * len(self._earned):
                self._spent.append(now)
                return True
            if self._tokens >= 1:
                self._tokens -= 1
                return True
            return False

    def _roll(self, now: float) -> None:
        _drop_old(self._earned, now)
        _drop_old(self._spent, now)
        filled = self._tokens + (now - self._filled_at) * PER_SECOND
        self._tokens = min(BURST, filled)
        self._filled_at = now


def _drop_old(times: deque[float], now: float) -> None:
    while times and times[0] <= now - WINDOW_SECONDS:
        times.popleft()
