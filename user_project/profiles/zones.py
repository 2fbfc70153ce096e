"""Time zones by their IANA names, and the moments that count in them."""

from datetime import UTC, date, datetime, time
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
    midnight = datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)
