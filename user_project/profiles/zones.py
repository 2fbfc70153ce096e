"""Time zones by their IANA names, and the moments that count in them."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DEFAULT_ZONE = "UTC"


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Return the names that a profile may carry; read from disk once."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


def local_day(moment: datetime, zone: str) -> date:
    """Return the calendar day of *moment* for somebody in *zone*."""
    return moment.astimezone(ZoneInfo(zone)).date()


def day_begins(day: date, zone: str) -> datetime:
    """Return the moment at which *day* begins for somebody in *zone*, in UTC."""
    return _moment_on(day, time.min, zone)


def next_moment_at(reading: time, zone: str, *, after: datetime) -> datetime:
    """Return when clocks in *zone* show *reading* next: once a day, also where they
    are set forward or back at that time.
    """
    today = local_day(after, zone)
    moment = _moment_on(today, reading, zone)
    if moment > after:
        return moment
    return _moment_on(today + timedelta(days=1), reading, zone)


def _moment_on(day: date, reading: time, zone: str) -> datetime:
    return datetime.combine(day, reading, tzinfo=ZoneInfo(zone)).astimezone(UTC)
