"""Bands: from raw scores by table, and as means rounded to halves."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

FULL_TEST_QUESTIONS = 40
TASK_2_WEIGHT = 2

# The lowest raw score of each band, best first. Below what the published tables print,
# two correct answers are a 2, one is a 1 and none is a 0.
_STEPS = (9, 8.5, 8, 7.5, 7, 6.5, 6, 5.5, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1, 0)
_LOWEST_SCORES = {
    "listening": (39, 37, 35, 32, 30, 26, 23, 18, 16, 13, 10, 8, 6, 4, 2, 1, 0),
    "reading_academic": (39, 37, 35, 33, 30, 27, 23, 19, 15, 13, 10, 8, 6, 4, 2, 1, 0),
    "reading_general": (40, 39, 37, 36, 34, 32, 30, 27, 23, 19, 15, 12, 9, 6, 2, 1, 0),
}

Table = Sequence[Sequence[float]]


def table_named(name: str) -> list[list[float]]:
    """Return a table as plain pairs of lowest raw score and band, fit for JSON."""
    return [
        [lowest, band]
        for lowest, band in zip(_LOWEST_SCORES[name], _STEPS, strict=True)
    ]


def band_for(raw_score: int, table: Table) -> Decimal:
    """Return the band of a raw score in a full test of 40 questions."""
    if not 0 <= raw_score <= FULL_TEST_QUESTIONS:
        raise ValueError(f"a raw score lies between 0 and 40, not {raw_score}")
    return next(Decimal(str(band)) for lowest, band in table if raw_score >= lowest)


def estimate_band(raw_score: int, question_count: int, table: Table) -> Decimal:
    """Return the band that the same share of 40 questions would have, as an estimate.

    The share is rounded to the nearest whole question, a half up.
    """
    if not 0 <= raw_score <= question_count or question_count == 0:
        raise ValueError(f"{raw_score} of {question_count} is not a score")
    share = Fraction(raw_score * FULL_TEST_QUESTIONS, question_count)
    return band_for(floor(share + Fraction(1, 2)), table)


def mean_band(bands: Iterable[Decimal]) -> Decimal:
    """Return the mean to the nearest half: .25 goes up to .5, .75 to the next whole.

    The overall band is the mean of four skills; writing and speaking are each the mean
    of four criteria.
    """
    fractions = [Fraction(band) for band in bands]
    if not fractions:
        raise ValueError("a mean needs a band")
    return _nearest_half(sum(fractions) / len(fractions))


def writing_band(*, task_1: Iterable[Decimal], task_2: Iterable[Decimal]) -> Decimal:
    """Return the band of a writing test from the four criteria of each task.

    Task 2 counts twice. It is rounded once: the means of the tasks go in unrounded.
    """
    first, second = (
        sum(fractions) / len(fractions)
        for fractions in (
            [Fraction(band) for band in task] for task in (task_1, task_2)
        )
    )
    return _nearest_half((first + TASK_2_WEIGHT * second) / (1 + TASK_2_WEIGHT))


def _nearest_half(value: Fraction) -> Decimal:
    return Decimal(floor(value * 2 + Fraction(1, 2))) / 2
