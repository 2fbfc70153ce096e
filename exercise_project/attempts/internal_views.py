"""What user-service asks for the dashboard."""

from shared.contracts.exercise import (
    ExerciseSummary,
    GetExerciseSummary,
    RecentAttempt,
    get_exercise_summary,
)
from shared.server.serves import Caller, serves

from .models import Attempt

MOST_RECENT = 5


@serves(get_exercise_summary)
def summary(request: GetExerciseSummary, caller: Caller) -> ExerciseSummary:
    own = Attempt.objects.of_learner(request.user_id)
    return ExerciseSummary(
        recent_attempts=[_recent(one) for one in own.with_titles()[:MOST_RECENT]],
        attempts_graded=own.graded().count(),
    )


def _recent(attempt: Attempt) -> RecentAttempt:
    return RecentAttempt(
        attempt_id=attempt.pk,
        exercise_id=attempt.exercise_id,
        title=attempt.exercise.title,
        skill=attempt.exercise.skill,
        kind=attempt.exercise.kind,
        state=attempt.state,
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        finished_at=attempt.finished_at,
        raw_score=attempt.raw_score,
        question_count=attempt.version.question_count,
        score_percent=_number(attempt.score_percent),
        band=_number(attempt.band),
        estimated_band=_number(attempt.estimated_band),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(value)
