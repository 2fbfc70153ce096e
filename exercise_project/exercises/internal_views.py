"""What peers ask of exercises."""

from shared.contracts.exercise import (
    GetModuleExercises,
    ModuleExercise,
    ModuleExercises,
    get_module_exercises,
)
from shared.server.serves import Caller, serves

from .models import Exercise


@serves(get_module_exercises)
def by_module(request: GetModuleExercises, caller: Caller) -> ModuleExercises:
    found = Exercise.objects.published().in_modules(request.ids)
    return ModuleExercises(
        exercises=[
            ModuleExercise(
                exercise_id=exercise.pk,
                module_id=exercise.module_id,
                instructor_id=exercise.instructor_id,
                slug=exercise.slug,
                title=exercise.title,
                skill=exercise.skill,
                kind=exercise.kind,
                difficulty=exercise.difficulty,
                minutes=exercise.minutes,
                question_count=exercise.current_version.question_count,
            )
            for exercise in found
        ]
    )
