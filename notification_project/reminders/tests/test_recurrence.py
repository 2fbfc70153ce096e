"""When reminders come, as pure data: summer time both ways, and no gap in between."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notification_project.reminders.recurrence import WEEKDAYS, Recurrence

MINUTE = timedelta(minutes=1)
# With summer time at other hours, by half an hour, against the sun; without; and one
# that has skipped the 30th of December 2011.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Ho_Chi_Minh",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "Pacific/Apia",
    "UTC",
]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rule(weekdays, clock_time, zone):
    days = WEEKDAYS if weekdays == "daily" else weekdays.split()
    return Recurrence(frozenset(days), time.fromisoformat(clock_time), zone)


@pytest.mark.parametrize(
    ("recurrence", "after", "expected"),
    [
        # Winter, summer: the local time stays, the moment moves.
        (rule("daily", "08:00", "Europe/Berlin"), "2026-03-27T12:00", "28T07:00"),
        (rule("daily", "08:00", "Europe/Berlin"), "2026-03-28T12:00", "29T06:00"),
        (rule("daily", "08:00", "Europe/Berlin"), "2026-10-24T12:00", "25T07:00"),
        (rule("daily", "08:00", "America/New_York"), "2026-03-07T18:00", "08T12:00"),
        (rule("daily", "08:00", "America/New_York"), "2026-10-31T18:00", "01T13:00"),
        (rule("daily", "08:00", "Asia/Ho_Chi_Minh"), "2026-03-28T12:00", "29T01:00"),
        # A time that is skipped: 03:30 on the clock.
        (rule("sunday", "02:30", "Europe/Berlin"), "2026-03-28T12:00", "29T01:30"),
        (rule("sunday", "02:00", "Europe/Berlin"), "2026-03-28T12:00", "29T01:00"),
        (rule("sunday", "02:30", "America/New_York"), "2026-03-07T12:00", "08T07:30"),
        # It does not come again, and the next one is at its own time.
        (rule("daily", "02:30", "Europe/Berlin"), "2026-03-29T01:30", "30T00:30"),
        (rule("daily", "02:30", "America/New_York"), "2026-03-08T07:30", "09T06:30"),
        # A time that comes twice: the first; the second is no occurrence.
        (rule("daily", "02:30", "Europe/Berlin"), "2026-10-24T12:00", "25T00:30"),
        (rule("daily", "02:30", "Europe/Berlin"), "2026-10-25T00:30", "26T01:30"),
        (rule("daily", "01:30", "America/New_York"), "2026-10-31T12:00", "01T05:30"),
        (rule("daily", "01:30", "America/New_York"), "2026-11-01T05:30", "02T06:30"),
        # Weekdays are those of the zone, not of UTC.
        (rule("monday", "06:00", "Asia/Ho_Chi_Minh"), "2026-03-14T00:00", "15T23:00"),
        (rule("monday", "22:00", "America/New_York"), "2026-03-15T00:00", "17T02:00"),
        # Strictly later, a week if there is but one day.
        (rule("tuesday", "10:00", "UTC"), "2026-03-10T09:59:59", "10T10:00"),
        (rule("tuesday", "10:00", "UTC"), "2026-03-10T10:00", "17T10:00"),
        (rule("monday tuesday", "10:00", "UTC"), "2026-03-10T10:00", "16T10:00"),
        # A Friday that there never was: when its clock would have shown it.
        (rule("friday", "08:00", "Pacific/Apia"), "2011-12-30T07:00", "30T18:00"),
        (rule("daily", "08:00", "Pacific/Apia"), "2011-12-30T18:00", "31T18:00"),
    ],
)
def test_the_next_occurrence(recurrence, after, expected):
    found = recurrence.next_after(utc(after))

    assert f"{found:%dT%H:%M}" == expected
    assert found > utc(after)
    assert recurrence.latest_until(found) == found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock_time", ["02:00", "02:30", "00:00", "12:00"])
def test_a_year_of_days_has_an_occurrence_for_each(zone, clock_time):
    recurrence = rule("daily", clock_time, zone)
    moment = recurrence.on(date(2025, 12, 31))
    days = []

    while len(days) < 365:
        moment = recurrence.next_after(moment)
        days.append(moment.astimezone(ZoneInfo(zone)).date())

    assert days == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def test_what_was_missed_last_is_found():
    recurrence = rule("monday friday", "08:00", "UTC")

    assert recurrence.latest_until(utc("2026-03-15T00:00")) == utc("2026-03-13T08:00")
    assert recurrence.latest_until(utc("2026-03-13T07:59")) == utc("2026-03-09T08:00")


def test_a_zone_that_nobody_knows_counts_as_utc():
    recurrence = rule("daily", "08:00", "Mars/Olympus_Mons")

    assert recurrence.next_after(utc("2026-03-10T00:00")) == utc("2026-03-10T08:00")


recurrences = st.builds(
    Recurrence,
    weekdays=st.frozensets(st.sampled_from(WEEKDAYS), min_size=1),
    local_time=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    zone=st.sampled_from(ZONES),
)
CHANGES = [
    utc(text)
    for text in (
        "2011-12-30T10:00",
        "2026-03-08T07:00",
        "2026-03-29T01:00",
        "2026-04-04T15:00",
        "2026-10-25T01:00",
        "2026-11-01T06:00",
    )
]
# Any, and many within days of a moment when the clocks of one of the zones change.
moments = st.datetimes(
    datetime(2009, 1, 1),  # noqa: DTZ001 - Hypothesis wants bounds without a zone
    datetime(2036, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
) | st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-3 * 86_400, 3 * 86_400),
)


@settings(max_examples=60, deadline=None)
@given(recurrences, moments)
def test_no_occurrence_is_skipped_and_none_invented(recurrence, moment):
    zone = ZoneInfo(recurrence.zone)

    found = recurrence.next_after(moment)

    assert found > moment
    minute = moment.replace(second=0, microsecond=0) + MINUTE
    while minute < found:
        assert not shows(recurrence, minute.astimezone(zone))
        minute += MINUTE
    assert shows(recurrence, found.astimezone(zone)) or is_skipped(recurrence, found)


@settings(deadline=None)
@given(recurrences, moments)
def test_the_last_and_the_next_are_neighbours(recurrence, moment):
    last = recurrence.latest_until(moment)

    following = recurrence.next_after(moment)

    assert last <= moment < following
    assert recurrence.next_after(last) == following
    assert recurrence.latest_until(following - timedelta(microseconds=1)) == last


def shows(recurrence, local):
    """Say whether a clock shows the wanted day and time, for the first time."""
    is_wanted_day = WEEKDAYS[local.weekday()] in recurrence.weekdays
    return (
        is_wanted_day
        and local.time().replace(fold=0) == recurrence.local_time
        and local.fold == 0
    )


def is_skipped(recurrence, found):
    """Say whether *found* stands for a local time that its clock never showed."""
    zone = ZoneInfo(recurrence.zone)
    local_day = found.astimezone(zone).date()
    for day in (local_day, local_day - timedelta(days=1)):
        wanted = datetime.combine(day, recurrence.local_time, tzinfo=zone)
        there_and_back = wanted.astimezone(UTC).astimezone(zone)
        if (
            WEEKDAYS[day.weekday()] in recurrence.weekdays
            and wanted.astimezone(UTC) == found
            and there_and_back.replace(tzinfo=None) != wanted.replace(tzinfo=None)
        ):
            return True
    return False
