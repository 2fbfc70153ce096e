"""Streaks: days of study in a row, computed from the days alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

MILESTONES = (7, 14, 30, 60, 100, 200, 365)  # lengths that learners are told of
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Streaks:
    """The run of days that ends last, and the longest run there ever was."""

    last_day: date | None = None
    last_length: int = 0
    longest: int = 0


def find_streaks(days: Iterable[date]) -> Streaks:
    """Find the runs in *days*, whatever their order and however often each is named."""
    previous = None
    length = longest = 0
    for day in sorted(set(days)):
        is_next = previous is not None and day - previous == _ONE_DAY
        length = length + 1 if is_next else 1
        longest = max(longest, length)
        previous = day
    return Streaks(previous, length, longest)


def run_around(day: date, days: Iterable[date]) -> tuple[date, date]:
    """Return the first and the last day of the run in *days* that holds *day*."""
    known = set(days)
    first = last = day
    while first - _ONE_DAY in known:
        first -= _ONE_DAY
    while last + _ONE_DAY in known:
        last += _ONE_DAY
    return first, last


def current_streak(*, last_day: date | None, last_length: int, today: date) -> int:
    """Return the streak as it reads *today*: 0 once a whole day was missed."""
    if last_day is None or last_day < today - _ONE_DAY:
        return 0
    return last_length
