"""What the results of many say of a test: how hard it is, how well it tells apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean, median


@dataclass(frozen=True, slots=True)
class Result:
    """One graded attempt: its percent, minutes, and points by question id."""

    score_percent: float
    minutes: int
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuestionAnalysis:
    """One question: ``facility`` is the mean share of its points, 1 is very easy.

    ``discrimination`` is the correlation of its points with those of all others: near
    or below 0 it does not tell the able from the rest. None where all did the same.
    """

    id: str
    facility: float | None
    discrimination: float | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A version's results; the figures are None before there is one."""

    attempts: int
    mean_percent: float | None
    median_percent: float | None
    mean_minutes: float | None
    median_minutes: float | None
    questions: list[QuestionAnalysis]


def analyse(results: Sequence[Result], worth: Mapping[str, int]) -> Analysis:
    """Sum up *results*; *worth* has the points that each question can give."""
    percents = [result.score_percent for result in results]
    minutes = [result.minutes for result in results]
    return Analysis(
        attempts=len(results),
        mean_percent=_rounded(mean, percents),
        median_percent=_rounded(median, percents),
        mean_minutes=_rounded(mean, minutes),
        median_minutes=_rounded(median, minutes),
        questions=[
            _analyse_question(results, id_, most) for id_, most in worth.items()
        ],
    )


def _analyse_question(
    results: Sequence[Result], id_: str, most: int
) -> QuestionAnalysis:
    points = [result.points.get(id_, 0) for result in results]
    others = [
        sum(result.points.values()) - own
        for result, own in zip(results, points, strict=True)
    ]
    shares = [own / most for own in points]
    return QuestionAnalysis(
        id=id_,
        facility=_rounded(mean, shares),
        discrimination=_discrimination(points, others),
    )


def _discrimination(points: list[int], others: list[int]) -> float | None:
    try:
        return round(correlation(points, others), 2)
    except StatisticsError:  # fewer than two results, or all the same
        return None


def _rounded(
    figure: Callable[[Sequence[float]], float], values: Sequence[float]
) -> float | None:
    return round(figure(values), 2) if values else None
