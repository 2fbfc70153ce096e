"""When a reminder comes: on weekdays at a local time, whatever the zone does.

A local time that a clock skips is read with the offset before the gap: 02:30 comes
when the clock shows 03:30. One that a clock shows twice comes the first time. This is
the rule of RFC 5545, and the ``fold=0`` of Python.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

logger = logging.getLogger(__name__)

# As date.weekday() counts them.
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_WINDOW_DAYS = 8  # a week, and a day for zones that have skipped one


@dataclass(frozen=True)
class Recurrence:
    """Some *weekdays*, at least one, at *local_time* in the zone with a name."""

    weekdays: frozenset[str]
    local_time: time
    zone: str

    def next_after(self, moment: datetime) -> datetime:
        """Return the first occurrence that is later than *moment*, in UTC."""
        return min(found for found in self._around(moment) if found > moment)

    def latest_until(self, moment: datetime) -> datetime:
        """Return the last occurrence that is not later than *moment*, in UTC."""
        return max(found for found in self._around(moment) if found <= moment)

    def on(self, day: date) -> datetime:
        """Return the moment at which *day* has the local time, in UTC."""
        local = datetime.combine(day, self.local_time, tzinfo=_load_zone(self.zone))
        return local.astimezone(UTC)

    def _around(self, moment: datetime) -> Iterator[datetime]:
        today = moment.astimezone(_load_zone(self.zone)).date()
        for days in range(-_WINDOW_DAYS, _WINDOW_DAYS + 1):
            day = today + timedelta(days=days)
            if WEEKDAYS[day.weekday()] in self.weekdays:
                yield self.on(day)


@lru_cache(maxsize=1024)
def _load_zone(name: str) -> ZoneInfo:
    """Return a zone; one that only another machine's tables know counts as UTC."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        logger.warning("unknown zone", extra={"zone": name})
        return ZoneInfo("UTC")
