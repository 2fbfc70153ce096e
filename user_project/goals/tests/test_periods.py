"""How long goals run, as a pure rule."""

from datetime import date

import pytest

from user_project.goals.periods import last_day


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("daily", date(2026, 3, 10), date(2026, 3, 10)),
        ("weekly", date(2026, 3, 9), date(2026, 3, 15)),
        ("weekly", date(2026, 12, 29), date(2027, 1, 4)),
        ("monthly", date(2026, 3, 1), date(2026, 3, 31)),
        ("monthly", date(2026, 2, 1), date(2026, 2, 28)),
        ("monthly", date(2026, 3, 10), date(2026, 4, 9)),
        ("monthly", date(2026, 12, 15), date(2027, 1, 14)),
        ("monthly", date(2026, 1, 31), date(2026, 2, 27)),
        ("custom", date(2026, 3, 10), None),
    ],
)
def test_a_period_says_which_day_is_the_last(period, first, last):
    assert last_day(period, first) == last
