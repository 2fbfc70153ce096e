"""What exercise-service does for its peers: exercises per module, and a summary."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shared.wire.structs import Band, Contract, Count, Moment, Percent

from .peer import Peer

exercise = Peer("exercise")


class GetModuleExercises(Contract, frozen=True):
    """Up to 100 modules of courses."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=100)]


class ModuleExercise(Contract, frozen=True):
    """A published exercise that its author put into a module.

    ``instructor_id`` is its author, who may be another than the course's.
    """

    exercise_id: UUID
    module_id: UUID
    instructor_id: UUID
    slug: str
    title: str
    skill: Literal["listening", "reading"]
    kind: str
    difficulty: str
    minutes: Count
    question_count: Count


class ModuleExercises(Contract, frozen=True):
    """The published exercises of the modules that were asked for, oldest first."""

    exercises: list[ModuleExercise]


get_module_exercises = exercise.get(
    "/api/v1/exercise/internal/by-module",
    GetModuleExercises,
    returns=ModuleExercises,
    callers={"course"},
)


class GetExerciseSummary(Contract, frozen=True):
    """What did a learner practise?"""

    user_id: UUID


class RecentAttempt(Contract, frozen=True):
    """An attempt; scores are None without a result."""

    attempt_id: UUID
    exercise_id: UUID
    title: str
    skill: Literal["listening", "reading"]
    kind: str
    state: str
    started_at: Moment
    deadline_at: Moment
    finished_at: Moment | None
    raw_score: Count | None
    question_count: Count
    score_percent: Percent | None
    band: Band | None
    estimated_band: Band | None


class ExerciseSummary(Contract, frozen=True):
    """The latest attempts, five at most, and how many have a result."""

    recent_attempts: list[RecentAttempt]
    attempts_graded: Count


get_exercise_summary = exercise.get(
    "/api/v1/exercise/internal/summary/{user_id}",
    GetExerciseSummary,
    returns=ExerciseSummary,
    callers={"user"},
)
