"""Grades: points, percent and bands, by rule."""

from datetime import timedelta
from decimal import Decimal

import pytest

from exercise_project.attempts.grading import grade_answers, whole_minutes
from exercise_project.exercises.bands import band_for, table_named
from exercise_project.exercises.marking import Key

TABLES = ["listening", "reading_academic", "reading_general"]


def grade(*, right, of=40, kind="full_test", table="reading_academic"):
    keys = [(str(number), Key("short_answer", ("yes",))) for number in range(of)]
    answers = {str(number): "yes" for number in range(right)}
    return grade_answers(
        keys=keys, answers=answers, kind=kind, table=table_named(table)
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("right", range(41))
def test_every_raw_score_of_a_full_test_has_percent_and_band(right, table):
    result = grade(right=right, table=table)

    assert result.raw_score == right
    assert result.score_percent == Decimal(right) / 40 * 100
    assert result.band == band_for(right, table_named(table))
    assert result.estimated_band is None


@pytest.mark.parametrize("kind", ["practice", "mini_test"])
def test_what_is_no_whole_test_has_an_estimate_only(kind):
    result = grade(right=30, kind=kind)

    assert (result.band, result.estimated_band) == (None, Decimal(7))


def test_a_short_test_has_an_estimate_by_its_share():
    result = grade(right=1, of=3, kind="practice")

    assert result.score_percent == Decimal("33.33")
    assert (result.band, result.estimated_band) == (None, Decimal("4.5"))


def test_a_question_of_two_letters_is_worth_two_points():
    keys = [
        ("a", Key("multiple_select", ("A", "C"), choose=2)),
        ("b", Key("short_answer", ("yes",))),
    ]

    result = grade_answers(
        keys=keys,
        answers={"a": ["A", "B"]},
        kind="practice",
        table=table_named("listening"),
    )

    assert result.points == {"a": 1, "b": 0}
    assert result.score_percent == Decimal("33.33")


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(-90, 0), (0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (3600, 60)],
)
def test_half_a_minute_counts_as_one(seconds, minutes):
    assert whole_minutes(timedelta(seconds=seconds)) == minutes
