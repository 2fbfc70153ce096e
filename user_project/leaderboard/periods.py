"""Weeks and months of the leaderboard: the same for all, so in the calendar of UTC."""

from calendar import monthrange
from datetime import date, timedelta

PERIODS = ("week", "month", "all")


def period_around(period: str, day: date) -> tuple[date, date] | tuple[None, None]:
    """Return first and last day of the week, from Monday, or month; all has none."""
    if period == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if period == "month":
        last = monthrange(day.year, day.month)[1]
        return day.replace(day=1), day.replace(day=last)
    return None, None
