"""Streaks, as a pure rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_project.progress.streaks import (
    Streaks,
    current_streak,
    find_streaks,
    run_around,
)

MONDAY = date(2026, 3, 2)


def days(*offsets):
    return [MONDAY + timedelta(days=offset) for offset in offsets]


@pytest.mark.parametrize(
    ("offsets", "last_length", "longest"),
    [
        ((0,), 1, 1),
        ((0, 1, 2), 3, 3),
        ((0, 1, 2, 4), 1, 3),
        ((0, 2, 3), 2, 2),
        ((0, 1, 3, 4, 5, 9, 10), 2, 3),
        ((3, 3, 3), 1, 1),
    ],
)
def test_runs_are_found(offsets, last_length, longest):
    found = find_streaks(days(*offsets))

    assert found == Streaks(days(max(offsets))[0], last_length, longest)


def test_without_days_there_is_no_streak():
    assert find_streaks([]) == Streaks(None, 0, 0)


@given(st.lists(st.integers(0, 60), max_size=40), st.randoms())
def test_order_and_repetition_do_not_matter(offsets, random):
    shuffled = days(*offsets, *offsets)
    random.shuffle(shuffled)

    found = find_streaks(shuffled)

    assert found == find_streaks(days(*sorted(set(offsets))))
    assert found.longest >= found.last_length


@pytest.mark.parametrize(("days_ago", "expected"), [(0, 5), (1, 5), (2, 0), (40, 0)])
def test_a_streak_reads_zero_once_a_whole_day_was_missed(days_ago, expected):
    last_day = MONDAY - timedelta(days=days_ago)

    assert current_streak(last_day=last_day, last_length=5, today=MONDAY) == expected


def test_nobody_starts_with_a_streak():
    assert current_streak(last_day=None, last_length=0, today=MONDAY) == 0


@pytest.mark.parametrize(
    ("offset", "expected"), [(0, (0, 2)), (1, (0, 2)), (2, (0, 2)), (5, (5, 5))]
)
def test_the_run_around_a_day_ends_where_a_day_is_missing(offset, expected):
    [day], known = days(offset), days(0, 1, 2, 5, 7)

    assert run_around(day, known) == tuple(days(*expected))
