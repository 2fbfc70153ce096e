"""What exercise-service does for its peers: exercises per module."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from shared.wire.structs import Contract, Count

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
