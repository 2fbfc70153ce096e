"""Every raw score of every table, and the rounding of means."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercise_project.exercises.bands import (
    band_for,
    estimate_band,
    mean_band,
    table_named,
    writing_band,
)

# One line per band: how many correct answers, from the fewest to the most.
LISTENING = """
9: 39-40, 8.5: 37-38, 8: 35-36, 7.5: 32-34, 7: 30-31, 6.5: 26-29, 6: 23-25, 5.5: 18-22,
5: 16-17, 4.5: 13-15, 4: 10-12, 3.5: 8-9, 3: 6-7, 2.5: 4-5, 2: 2-3, 1: 1-1, 0: 0-0
"""
ACADEMIC = """
9: 39-40, 8.5: 37-38, 8: 35-36, 7.5: 33-34, 7: 30-32, 6.5: 27-29, 6: 23-26, 5.5: 19-22,
5: 15-18, 4.5: 13-14, 4: 10-12, 3.5: 8-9, 3: 6-7, 2.5: 4-5, 2: 2-3, 1: 1-1, 0: 0-0
"""
GENERAL = """
9: 40-40, 8.5: 39-39, 8: 37-38, 7.5: 36-36, 7: 34-35, 6.5: 32-33, 6: 30-31, 5.5: 27-29,
5: 23-26, 4.5: 19-22, 4: 15-18, 3.5: 12-14, 3: 9-11, 2.5: 6-8, 2: 2-5, 1: 1-1, 0: 0-0
"""
half_bands = st.integers(0, 18).map(lambda number: Decimal(number) / 2)


def scores_of(printed):
    """Return every raw score with its band, as the table prints them."""
    bands = {}
    for line in printed.replace("\n", " ").split(","):
        band, scores = line.split(":")
        first, last = map(int, scores.split("-"))
        bands |= {score: Decimal(band.strip()) for score in range(first, last + 1)}
    return bands


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("listening", LISTENING),
        ("reading_academic", ACADEMIC),
        ("reading_general", GENERAL),
    ],
)
def test_all_41_raw_scores_have_the_band_of_the_printed_table(name, printed):
    expected = scores_of(printed)
    table = table_named(name)

    assert sorted(expected) == list(range(41))
    assert {score: band_for(score, table) for score in range(41)} == expected


@pytest.mark.parametrize("raw_score", [-1, 41])
def test_a_score_beyond_the_test_has_no_band(raw_score):
    with pytest.raises(ValueError, match="between 0 and 40"):
        band_for(raw_score, table_named("listening"))


@pytest.mark.parametrize(
    ("raw_score", "question_count", "expected"),
    [
        (10, 13, "7"),  # 30.8 of 40 is nearest to 31
        (0, 13, "0"),
        (13, 13, "9"),
        (15, 20, "7"),
        (61, 80, "7"),  # 30.5 goes up to 31
    ],
)
def test_a_shorter_test_is_estimated_by_its_share(raw_score, question_count, expected):
    table = table_named("listening")

    assert estimate_band(raw_score, question_count, table) == Decimal(expected)


@pytest.mark.parametrize(("raw_score", "question_count"), [(0, 0), (5, 4), (-1, 4)])
def test_what_is_not_a_score_has_no_estimate(raw_score, question_count):
    with pytest.raises(ValueError, match="not a score"):
        estimate_band(raw_score, question_count, table_named("listening"))


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        ("6.5 6.5 5 7", "6.5"),  # 6.25
        ("4 3.5 4 4", "4"),  # 3.875
        ("6.5 6.5 5.5 6", "6"),  # 6.125
        ("7 7 7 6", "7"),  # 6.75
        ("0 0 0 0", "0"),
        ("9 9 9 9", "9"),
        ("8.5", "8.5"),
    ],
)
def test_a_quarter_goes_up_to_the_half_and_three_to_the_whole(bands, expected):
    assert mean_band(map(Decimal, bands.split())) == Decimal(expected)


def test_no_bands_have_no_mean():
    with pytest.raises(ValueError, match="needs a band"):
        mean_band([])


@given(bands=st.lists(half_bands, min_size=1, max_size=8))
def test_a_mean_is_a_half_within_a_quarter_of_the_exact_one(bands):
    mean = mean_band(bands)
    exact = sum(map(Fraction, bands)) / len(bands)

    assert mean * 2 % 1 == 0
    assert Fraction(-1, 4) < Fraction(mean) - exact <= Fraction(1, 4)


@pytest.mark.parametrize(
    ("task_1", "task_2", "expected"),
    [
        ("6 6 6 6", "7 7 7 7", "6.5"),  # 6.67
        ("7 7 7 7", "6 6 6 6", "6.5"),  # 6.33
        ("5 5 5 5", "6 6 6 6", "5.5"),  # 5.67
        ("5 5 5 5.5", "7 7 6.5 6.5", "6"),  # 6.208
        ("5.5 5.5 5.5 5.5", "6.5 6.5 7 6.5", "6.5"),  # 6.25
        ("0 0 0 0", "9 9 9 9", "6"),
    ],
)
def test_in_writing_task_2_counts_twice(task_1, task_2, expected):
    band = writing_band(
        task_1=map(Decimal, task_1.split()), task_2=map(Decimal, task_2.split())
    )

    assert band == Decimal(expected)
