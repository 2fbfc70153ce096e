"""The time that all relays share: the database's, carried on by the monotonic clock."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

_ASK_EVERY_SECONDS = 30.0


class DatabaseClock:
    """Says what time the database has, with one query per half minute.

    Leases and due times are compared by relays on several machines, whose own clocks
    may differ or step; the database's is the same for all. SQLite's is this machine's.
    It never goes back: what was due stays due when somebody sets a clock right.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._monotonic = monotonic
        self._wall = wall
        # A time and its moment on the monotonic clock, one value for all threads.
        self._mark: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        """Return the time, aware, in UTC."""
        at = self._monotonic()
        if connection.vendor != "postgresql":
            return self._take(self._wall(), at)
        if self._mark is None or at - self._mark[1] > _ASK_EVERY_SECONDS:
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                return self._take(cursor.fetchone()[0], at)
        return _carried_on(self._mark, at)

    def _take(self, read: datetime, at: float) -> datetime:
        """Take over what was *read*, unless time has gone on further since the last."""
        if self._mark is not None:
            read = max(read, _carried_on(self._mark, at))
        self._mark = read, at
        return read


def _carried_on(mark: tuple[datetime, float], at: float) -> datetime:
    base, base_at = mark
    return base + timedelta(seconds=at - base_at)
