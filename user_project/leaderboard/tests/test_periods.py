"""Weeks and months, as a pure rule."""

from datetime import date

import pytest

from user_project.leaderboard.periods import period_around


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("week", date(2026, 3, 9), date(2026, 3, 9), date(2026, 3, 15)),
        ("week", date(2026, 3, 15), date(2026, 3, 9), date(2026, 3, 15)),
        ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2026, 3, 9), date(2026, 3, 1), date(2026, 3, 31)),
        ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ("all", date(2026, 3, 9), None, None),
    ],
)
def test_a_day_lies_in_a_week_from_monday_and_in_a_month(period, day, first, last):
    assert period_around(period, day) == (first, last)
