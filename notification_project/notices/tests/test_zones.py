"""Wall clocks as pure data: when quiet ends, also when clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notification_project.notices.zones import (
    QuietHours,
    local_day,
    moment_of,
    zone_named,
)

from .telling import BERLIN, HANOI, local

NIGHT = QuietHours(time(22), time(7))
LATE_NIGHT = QuietHours(time(22), time(2, 30))
NOON = QuietHours(time(12), time(13, 30))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "at", "end"),
    [
        (NIGHT, "2026-03-10 23:10", "2026-03-11 07:00"),
        (NIGHT, "2026-03-10 22:00", "2026-03-11 07:00"),
        (NIGHT, "2026-03-11 00:00", "2026-03-11 07:00"),
        (NIGHT, "2026-03-11 06:59", "2026-03-11 07:00"),
        (NIGHT, "2026-03-11 07:00", "2026-03-11 07:00"),
        (NIGHT, "2026-03-11 21:59", "2026-03-11 21:59"),
        (NIGHT, "2026-12-31 23:10", "2027-01-01 07:00"),
        (NOON, "2026-03-10 11:59", "2026-03-10 11:59"),
        (NOON, "2026-03-10 12:00", "2026-03-10 13:30"),
        (NOON, "2026-03-10 13:30", "2026-03-10 13:30"),
    ],
)
def test_quiet_lasts_until_its_end_on_the_wall_clock(window, at, end):
    assert window.over_at(local(at), zone_named(HANOI)) == local(end)


@pytest.mark.parametrize(
    ("window", "at", "end"),
    [
        # 29 March 2026: from 02:00 (+1) to 03:00 (+2). The night has an hour less.
        (NIGHT, "2026-03-28 22:10", "2026-03-29 05:00"),
        (LATE_NIGHT, "2026-03-28 22:10", "2026-03-29 01:00"),  # there is no 02:30
        # 25 October 2026: from 03:00 (+2) back to 02:00 (+1). An hour more.
        (NIGHT, "2026-10-24 21:10", "2026-10-25 06:00"),
        (LATE_NIGHT, "2026-10-25 00:10", "2026-10-25 00:30"),  # the first 02:30
        (LATE_NIGHT, "2026-10-25 00:45", "2026-10-25 00:45"),
        (LATE_NIGHT, "2026-10-25 01:10", "2026-10-25 01:30"),  # 02:10 again
    ],
)
def test_quiet_ends_right_when_clocks_are_changed(window, at, end):
    assert window.over_at(utc(at), zone_named(BERLIN)) == utc(end)


@given(
    minutes=st.integers(0, 10 * 365 * 24 * 60),
    zone=st.sampled_from(
        [HANOI, BERLIN, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]
    ),
    start=st.times(),
    end=st.times(),
)
def test_the_end_of_quiet_is_not_quiet_and_within_a_day(minutes, zone, start, end):
    at = utc("2020-01-01 00:00") + timedelta(minutes=minutes)
    start, end = (item.replace(second=0, microsecond=0) for item in (start, end))
    if start == end:
        return
    window = QuietHours(start, end)

    over = window.over_at(at, zone_named(zone))

    assert at <= over <= at + timedelta(hours=25)
    assert window.over_at(over, zone_named(zone)) == over


def test_a_day_is_that_of_the_wall_clock():
    late = utc("2026-03-10 18:00")

    assert local_day(late, zone_named(HANOI)) == date(2026, 3, 11)
    assert local_day(late, zone_named("UTC")) == date(2026, 3, 10)


def test_a_moment_of_a_day_may_be_asked_for_later_than_another():
    first = moment_of(date(2026, 10, 25), time(2, 30), zone_named(BERLIN))
    second = moment_of(date(2026, 10, 25), time(2, 30), zone_named(BERLIN), after=first)

    assert (first, second) == (utc("2026-10-25 00:30"), utc("2026-10-25 01:30"))


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe"])
def test_a_zone_that_nobody_knows_is_utc(name):
    assert zone_named(name).key == "UTC"
