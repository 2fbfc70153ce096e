"""How long a goal runs when its owner does not say: from the day on which it begins."""

from calendar import monthrange
from datetime import date, timedelta

MOST_DAYS = 366  # of one goal, and before and after today
_ONE_DAY = timedelta(days=1)


def last_day(period: str, first_day: date) -> date | None:
    """Return the last day of a goal; None for a period that says nothing of it."""
    if period == "daily":
        return first_day
    if period == "weekly":
        return first_day + 6 * _ONE_DAY
    if period == "monthly":
        return _same_day_next_month(first_day) - _ONE_DAY
    return None


def _same_day_next_month(day: date) -> date:
    """Return the day after a month; where that month is too short, its last day."""
    year, month = divmod(day.year * 12 + day.month, 12)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length))
