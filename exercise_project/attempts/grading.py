"""What an attempt is worth: points per question, percent, band, minutes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from exercise_project.exercises.bands import (
    FULL_TEST_QUESTIONS,
    Table,
    band_for,
    estimate_band,
)
from exercise_project.exercises.marking import Key, points_for

# A band is for a whole test; whatever else has forty questions is estimated.
_KINDS_WITH_BAND = frozenset({"full_test", "mock_test"})
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Grade:
    """The result of an attempt; either ``band`` or ``estimated_band`` is there."""

    points: Mapping[str, int]
    raw_score: int
    score_percent: Decimal
    band: Decimal | None
    estimated_band: Decimal | None


def grade_answers(
    *,
    keys: Iterable[tuple[str, Key]],
    answers: Mapping[str, object],
    kind: str,
    table: Table,
) -> Grade:
    """Hold *answers* against the keys of all questions; no answer is worth nothing."""
    keys = list(keys)
    points = {id_: points_for(key, answers.get(id_)) for id_, key in keys}
    raw_score = sum(points.values())
    question_count = sum(key.choose for _, key in keys)
    is_whole = kind in _KINDS_WITH_BAND and question_count == FULL_TEST_QUESTIONS
    return Grade(
        points=points,
        raw_score=raw_score,
        score_percent=(Decimal(raw_score * 100) / question_count).quantize(
            _CENT, ROUND_HALF_UP
        ),
        band=band_for(raw_score, table) if is_whole else None,
        estimated_band=(
            None if is_whole else estimate_band(raw_score, question_count, table)
        ),
    )


def whole_minutes(active: timedelta) -> int:
    """Return minutes, half a minute up; none when the clock was set back meanwhile."""
    return max(0, int(active.total_seconds() + 30)) // 60
