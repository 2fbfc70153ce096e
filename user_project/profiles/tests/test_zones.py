"""Zones, as pure values."""

from datetime import UTC, date, datetime, time

import pytest

from user_project.profiles.zones import day_begins, next_moment_at


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("UTC", date(2026, 3, 10), utc(2026, 3, 10)),
        ("Asia/Ho_Chi_Minh", date(2026, 3, 10), utc(2026, 3, 9, 17)),
        # The clocks go from midnight to one.
        ("Africa/Cairo", date(2026, 4, 24), utc(2026, 4, 23, 22)),
        # They go from one back to midnight: the first one counts.
        ("America/Havana", date(2026, 11, 1), utc(2026, 11, 1, 4)),
    ],
)
def test_a_day_begins_where_its_learner_lives(zone, day, begins):
    assert day_begins(day, zone) == begins


@pytest.mark.parametrize(
    ("zone", "reading", "after", "moment"),
    [
        ("UTC", time(19), utc(2026, 3, 10, 18, 59), utc(2026, 3, 10, 19)),
        ("UTC", time(19), utc(2026, 3, 10, 19), utc(2026, 3, 11, 19)),
        ("Asia/Ho_Chi_Minh", time(6), utc(2026, 3, 10, 22), utc(2026, 3, 10, 23)),
        ("Asia/Ho_Chi_Minh", time(6), utc(2026, 3, 10, 23), utc(2026, 3, 11, 23)),
        # 02:30 does not exist on the 29th of March, and twice on the 25th of October.
        ("Europe/Berlin", time(2, 30), utc(2026, 3, 28, 12), utc(2026, 3, 29, 1, 30)),
        (
            "Europe/Berlin",
            time(2, 30),
            utc(2026, 3, 29, 1, 30),
            utc(2026, 3, 30, 0, 30),
        ),
        ("Europe/Berlin", time(2, 30), utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),
        (
            "Europe/Berlin",
            time(2, 30),
            utc(2026, 10, 25, 0, 30),
            utc(2026, 10, 26, 1, 30),
        ),
    ],
)
def test_a_time_of_day_comes_once_a_day(zone, reading, after, moment):
    assert next_moment_at(reading, zone, after=after) == moment
