"""Take exercises: start, save, submit, expire; each result and its effects once."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from exercise_project.exercises.errors import ExerciseNotFoundError
from exercise_project.exercises.models import Exercise
from shared.contracts.events import AttemptGraded, publish
from shared.contracts.notification import NoticeAction, SendNotice, send_notice
from shared.contracts.user import (
    UpdateProgress,
    UpdateStatistics,
    update_progress,
    update_statistics,
)
from shared.inbox.locks import lock_in_transaction

from .errors import AttemptClosedError, AttemptNotFoundError, InvalidAnswersError
from .grading import grade_answers
from .models import GRACE, Attempt

Clock = Callable[[], datetime]
Answers = Mapping[str, str | list[str] | None]
EXPIRED_AT_ONCE = 100  # each in a transaction of its own


@transaction.atomic
def start_attempt(
    *, user_id: UUID, exercise_id: UUID, clock: Clock = timezone.now
) -> tuple[Attempt, bool]:
    """Start an attempt at the current version; an open one is returned as it is.

    The second value says whether it is new. An open one whose time is over is closed
    first. The version and the time stay, whatever becomes of the exercise.
    """
    # Two starts at once must see each other, before there is a row to lock.
    lock_in_transaction("attempt", str(user_id), str(exercise_id))
    now = clock()
    own = Attempt.objects.of_learner(user_id).filter(exercise_id=exercise_id)
    open_one = own.open().select_for_update().first()
    if open_one is not None and not open_one.is_over(now):
        return open_one, False
    if open_one is not None:
        _close_late(open_one, now)
    exercise = Exercise.objects.published().filter(pk=exercise_id).first()
    if exercise is None:
        raise ExerciseNotFoundError
    deadline = now + timedelta(minutes=exercise.minutes)
    attempt = Attempt.objects.create(
        user_id=user_id,
        exercise=exercise,
        version_id=exercise.current_version_id,
        started_at=now,
        deadline_at=deadline,
        closes_at=deadline + GRACE,
    )
    return attempt, True


@transaction.atomic
def save_answers(
    *, user_id: UUID, attempt_id: UUID, answers: Answers, clock: Clock = timezone.now
) -> Attempt:
    """Save some answers; raises AttemptClosedError once the attempt is over."""
    attempt = _locked(user_id, attempt_id)
    now = clock()
    if not attempt.is_open or attempt.is_over(now):
        raise AttemptClosedError
    _refuse_misfits(attempt, answers)
    attempt.take_answers(answers, at=now)
    attempt.save()
    return attempt


@transaction.atomic
def submit_attempt(
    *,
    user_id: UUID,
    attempt_id: UUID,
    answers: Answers | None = None,
    clock: Clock = timezone.now,
) -> Attempt:
    """Grade an attempt, with the last answers; a second time changes nothing.

    Beyond the grace what comes with it is not looked at: the last autosave counts.
    """
    attempt = _locked(user_id, attempt_id)
    now = clock()
    if not attempt.is_open:
        return attempt
    if attempt.is_over(now):
        return _close_late(attempt, now)
    if answers:
        _refuse_misfits(attempt, answers)
        attempt.take_answers(answers, at=now)
    return _grade(attempt, state=Attempt.State.GRADED, finished_at=now, now=now)


def expire_attempts(*, clock: Clock = timezone.now) -> int:
    """Close attempts whose time is over; returns how many there were."""
    now = clock()
    overdue = Attempt.objects.overdue(now).order_by("closes_at")
    ids = list(overdue.values_list("pk", flat=True)[:EXPIRED_AT_ONCE])
    return sum(_expire(attempt_id, now) for attempt_id in ids)


def erase_attempts(*, user_id: UUID) -> None:
    """Delete the attempts of an erased person; figures are of those that remain."""
    Attempt.objects.of_learner(user_id).delete()


@transaction.atomic
def _expire(attempt_id: UUID, now: datetime) -> bool:
    attempt = Attempt.objects.select_for_update().filter(pk=attempt_id).first()
    if attempt is None or not attempt.is_open:
        return False
    _close_late(attempt, now)
    return True


def _close_late(attempt: Attempt, now: datetime) -> Attempt:
    """Grade what was saved; where nothing ever was, nobody has taken the test."""
    if attempt.saved_at is None:
        attempt.state = Attempt.State.ABANDONED
        attempt.finished_at = attempt.started_at
        attempt.save()
        return attempt
    return _grade(
        attempt, state=Attempt.State.EXPIRED, finished_at=attempt.saved_at, now=now
    )


def _grade(
    attempt: Attempt, *, state: str, finished_at: datetime, now: datetime
) -> Attempt:
    keys = [
        (str(question.pk), question.marking_key)
        for question in attempt.version.questions()
    ]
    grade = grade_answers(
        keys=keys,
        answers=attempt.answers,
        kind=attempt.exercise.kind,
        table=attempt.version.bands,
    )
    attempt.take_grade(grade, state=state, finished_at=finished_at, at=now)
    attempt.save()
    _tell(attempt)
    return attempt


def _tell(attempt: Attempt) -> None:
    """Store what others do with a result, in the transaction of the result."""
    exercise = attempt.exercise
    percent = float(attempt.score_percent)
    update_statistics.later(
        UpdateStatistics(
            user_id=attempt.user_id,
            skill=exercise.skill,
            score_percent=percent,
            band=_number(attempt.band),
            time_minutes=attempt.minutes,
            occurred_at=attempt.finished_at,
        )
    )
    update_progress.later(
        UpdateProgress(
            user_id=attempt.user_id,
            exercises_completed=1,
            study_minutes=attempt.minutes,
            skill=exercise.skill,
            session_type="exercise",
            resource_id=exercise.pk,
            resource_title=exercise.title,
            score_percent=percent,
            occurred_at=attempt.finished_at,
        )
    )
    publish(
        AttemptGraded(
            user_id=attempt.user_id,
            attempt_id=attempt.pk,
            exercise_id=exercise.pk,
            exercise_title=exercise.title,
            kind=exercise.kind,
            skill=exercise.skill,
            raw_score=attempt.raw_score,
            question_count=attempt.version.question_count,
            score_percent=percent,
            band=_number(attempt.band),
            estimated_band=_number(attempt.estimated_band),
            minutes=attempt.minutes,
            course_id=exercise.course_id,
            graded_at=attempt.graded_at,
        )
    )
    send_notice.later(_notice_of(attempt))


def _notice_of(attempt: Attempt) -> SendNotice:
    template = "attempt_graded" if attempt.band is None else "attempt_graded_band"
    if attempt.state == Attempt.State.EXPIRED:
        template = "attempt_expired"
    params = {
        "title": attempt.exercise.title,
        "raw_score": str(attempt.raw_score),
        "question_count": str(attempt.version.question_count),
        "percent": f"{attempt.score_percent.normalize():f}",
    }
    if attempt.band is not None:
        params["band"] = f"{attempt.band:.1f}"
    return SendNotice(
        user_id=attempt.user_id,
        type="exercise_graded",
        category="info" if template == "attempt_expired" else "success",
        template=template,
        params=params,
        action=NoticeAction(kind="attempt", target=str(attempt.pk)),
        dedupe=f"attempt:{attempt.pk}",
    )


def _number(band: object) -> float | None:
    return None if band is None else float(band)


def _refuse_misfits(attempt: Attempt, answers: Answers) -> None:
    """Refuse answers to other questions, and values of another kind."""
    types = {
        str(question.pk): question.group.type
        for question in attempt.version.questions()
    }
    faults = [
        {"field": f"answers.{id_}", "code": code, "detail": detail}
        for id_, value in answers.items()
        for code, detail in _misfit(types.get(id_), value)
    ]
    if faults:
        raise InvalidAnswersError(errors=faults)


def _misfit(question_type: str | None, value: object) -> list[tuple[str, str]]:
    if question_type is None:
        return [("unknown_question", "This attempt has no such question.")]
    if value is None:
        return []
    wants_letters = question_type == "multiple_select"
    if isinstance(value, list) == wants_letters:
        return []
    detail = "This must be a list of letters." if wants_letters else "One string."
    return [("wrong_type", detail)]


def _locked(user_id: UUID, attempt_id: UUID) -> Attempt:
    own = Attempt.objects.of_learner(user_id).filter(pk=attempt_id)
    attempt = own.select_for_update().first()
    if attempt is None:
        raise AttemptNotFoundError
    return attempt
