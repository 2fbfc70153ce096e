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
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._base: datetime | None = None
        self._base_at = 0.0

    def __call__(self) -> datetime:
        """Return the time, aware, in UTC."""
        if connection.vendor != "postgresql":
            return timezone.now()
        passed = self._monotonic() - self._base_at
        if self._base is None or passed > _ASK_EVERY_SECONDS:
            with connection.cursor() as cursor:
                cursor.execute("SELECT clock_timestamp()")
                self._base = cursor.fetchone()[0]
            self._base_at = self._monotonic()
            passed = 0.0
        return self._base + timedelta(seconds=passed)
