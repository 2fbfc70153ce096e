"""Spans, as pure values."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_project.sessions.spans import split_at_midnight, uncovered

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
minutes = st.integers(0, 30)
spans = st.tuples(minutes, minutes).map(sorted).map(tuple)


def at(minute):
    return START + timedelta(minutes=minute)


def moments(*pairs):
    return [(at(start), at(end)) for start, end in pairs]


@pytest.mark.parametrize(
    ("others", "parts"),
    [
        ([], [(0, 10)]),
        ([(-5, 0), (10, 20)], [(0, 10)]),
        ([(-5, 3)], [(3, 10)]),
        ([(7, 12)], [(0, 7)]),
        ([(2, 4), (3, 6)], [(0, 2), (6, 10)]),
        ([(6, 8), (2, 4)], [(0, 2), (4, 6), (8, 10)]),
        ([(-5, 20)], []),
        ([(0, 5), (5, 10)], []),
    ],
)
def test_what_others_do_not_cover_is_left(others, parts):
    assert uncovered((at(0), at(10)), moments(*others)) == moments(*parts)


@given(spans, st.lists(spans, max_size=6))
def test_every_minute_is_left_or_covered_and_never_both(span, others):
    left = uncovered(moments(span)[0], moments(*others))

    for minute in range(30):
        here = (at(minute), at(minute + 1))
        is_wanted = _within(here, moments(span)) and not _within(here, moments(*others))
        assert _within(here, left) == is_wanted


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        ("UTC", datetime(2026, 3, 10, 23, 59, tzinfo=UTC), ["10: 1", "11: 1"]),
        (
            "Asia/Ho_Chi_Minh",
            datetime(2026, 3, 10, 16, 59, tzinfo=UTC),
            ["10: 1", "11: 1"],
        ),
        ("Asia/Ho_Chi_Minh", datetime(2026, 3, 10, 23, 59, tzinfo=UTC), ["11: 2"]),
        # The clocks go forward at midnight: the day begins at one.
        ("Africa/Cairo", datetime(2026, 4, 23, 21, 59, tzinfo=UTC), ["23: 1", "24: 1"]),
    ],
)
def test_a_span_is_split_where_the_learners_day_begins(zone, start, expected):
    pieces = split_at_midnight((start, start + timedelta(minutes=2)), zone)

    shown = [f"{day.day}: {length // timedelta(minutes=1)}" for day, length in pieces]
    assert shown == expected


def test_what_ends_at_midnight_leaves_nothing_for_the_next_day():
    midnight = datetime(2026, 3, 11, tzinfo=UTC)

    pieces = split_at_midnight((midnight - timedelta(minutes=1), midnight), "UTC")

    assert pieces == [
        (date(2026, 3, 10), timedelta(minutes=1)),
        (date(2026, 3, 11), timedelta()),
    ]


def _within(here, spans):
    return any(start <= here[0] and here[1] <= end for start, end in spans)
