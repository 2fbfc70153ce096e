"""What writing and speaking are marked by."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

HIGHEST_BAND = 9
HALF = Decimal("0.5")
_ALSO_IN_WRITING = (
    "coherence_and_cohesion",
    "lexical_resource",
    "grammatical_range_and_accuracy",
)
_CRITERIA = {
    ("writing", "task_1"): ("task_achievement", *_ALSO_IN_WRITING),
    ("writing", "task_2"): ("task_response", *_ALSO_IN_WRITING),
    ("speaking", ""): (
        "fluency_and_coherence",
        "lexical_resource",
        "grammatical_range_and_accuracy",
        "pronunciation",
    ),
}


def criteria_of(skill: str, task: str) -> tuple[str, ...]:
    """Return the names of the four criteria of a task."""
    return _CRITERIA[skill, task]


def faults_of(
    bands: Mapping[str, Decimal], *, skill: str, task: str
) -> Iterator[tuple[str, str, str]]:
    """Yield name, code and detail of each criterion that does not fit."""
    names = criteria_of(skill, task)
    for name in names:
        if name not in bands:
            yield name, "required", "This criterion has no band."
        elif not 0 <= bands[name] <= HIGHEST_BAND or bands[name] % HALF:
            yield name, "not_a_band", "A band is 0 to 9 in halves."
    for name in sorted(set(bands) - set(names)):
        yield name, "unknown_criterion", "This task has no such criterion."
