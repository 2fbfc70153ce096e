"""When the people of a fresh platform have studied."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.demo import demo_evening


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 3, 12, 14, 0, tzinfo=UTC), (3, 12)),
        (datetime(2026, 3, 12, 13, 59, tzinfo=UTC), (3, 11)),
        (datetime(2026, 3, 12, 0, 0, tzinfo=UTC), (3, 11)),
        (datetime(2026, 3, 1, 3, 0, tzinfo=UTC), (2, 28)),
    ],
)
def test_the_last_evening_is_over_and_the_others_lie_a_day_apart(now, last):
    evenings = [demo_evening(number, now=now) for number in range(3)]

    latest = datetime(2026, *last, 12, tzinfo=UTC)
    assert evenings == [latest - timedelta(days=number) for number in range(3)]
