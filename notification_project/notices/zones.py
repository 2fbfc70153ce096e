"""Wall clocks of readers: zones by name, days, and hours in which nobody is told."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_DEFAULT = ZoneInfo("UTC")


@dataclass(frozen=True)
class QuietHours:
    """A window of the day, by the wall clock; it may cross midnight."""

    start: time
    end: time

    def over_at(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return when the quiet around *moment* ends; outside of it, *moment*."""
        local = moment.astimezone(zone)
        if not self._hold(local.time()):
            return moment
        day = local.date()
        if local.time() >= self.end:
            day += timedelta(days=1)
        return moment_of(day, self.end, zone, after=moment)

    def _hold(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; UTC for one that this machine does not know."""
    return ZoneInfo(name) if name in _known_zones() else _DEFAULT


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of *moment* on the wall clock of *zone*."""
    return moment.astimezone(zone).date()


def moment_of(
    day: date, at: time, zone: ZoneInfo, *, after: datetime | None = None
) -> datetime:
    """Return the first moment of *day*, later than *after*, when it is *at* in *zone*.

    A clock that is put back shows a time twice: the second one counts when the first is
    over. One that is put forward leaves times out: the moment of the change counts.
    """
    wall = datetime.combine(day, at, zone)
    first, second = sorted(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).time() != at:
        return _clock_put_forward(first, second, zone)
    return first if after is None or first > after else second


def _clock_put_forward(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Return the minute between *start* and *end* in which the offset changes."""
    minutes = range(1, (end - start) // timedelta(minutes=1) + 1)
    moments = (start + timedelta(minutes=number) for number in minutes)
    before = start.astimezone(zone).utcoffset()
    return next(
        moment for moment in moments if moment.astimezone(zone).utcoffset() != before
    )


@lru_cache(maxsize=1)
def _known_zones() -> frozenset[str]:
    return frozenset(available_timezones())
