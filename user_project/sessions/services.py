"""Time study: what is counted comes from the server's clock and signs of life."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from user_project.profiles.models import Profile
from user_project.progress.models import Progress, StudySession
from user_project.progress.services import count_study

from .errors import SessionEndedError, SessionNotFoundError
from .models import StudyTime, TimedSession
from .spans import Span, split_at_midnight, uncovered

Clock = Callable[[], datetime]
MOST_OPEN = 10  # of one learner: as many devices as nobody has
CLOSED_AT_ONCE = 100  # each in a transaction of its own


@transaction.atomic
def start_session(
    *,
    user_id: UUID,
    skill: str = "",
    resource_id: UUID | None = None,
    resource_title: str = "",
    clock: Clock = timezone.now,
) -> TimedSession:
    """Start a session; one too many closes those that were not seen for longest."""
    _lock_time(user_id)
    now = clock()
    open_ones = TimedSession.objects.of_learner(user_id).open()
    for surplus in open_ones.order_by("-last_seen_at", "-id")[MOST_OPEN - 1 :]:
        _close(surplus, TimedSession.State.ABANDONED)
    return TimedSession.objects.create(
        user_id=user_id,
        skill=skill,
        resource_id=resource_id,
        resource_title=resource_title,
        started_at=now,
        stretch_started_at=now,
        last_seen_at=now,
    )


@transaction.atomic
def record_heartbeat(
    *, user_id: UUID, session_id: UUID, clock: Clock = timezone.now
) -> TimedSession:
    """Count the time since the last sign of life, unless it was idle."""
    study_time = _lock_time(user_id)
    session = _own_session(user_id, session_id)
    if not session.is_open:
        raise SessionEndedError
    _count_until(clock(), session, study_time)
    session.save()
    return session


@transaction.atomic
def end_session(
    *, user_id: UUID, session_id: UUID, clock: Clock = timezone.now
) -> TimedSession:
    """End a session, and count its last time; a second time changes nothing."""
    study_time = _lock_time(user_id)
    session = _own_session(user_id, session_id)
    if session.is_open:
        _count_until(clock(), session, study_time)
        _close(session, TimedSession.State.ENDED)
    return session


def close_forgotten_sessions(*, clock: Clock = timezone.now) -> int:
    """Close sessions of which nothing was heard for long; return how many."""
    now = clock()
    forgotten = TimedSession.objects.forgotten(now).order_by("last_seen_at")
    ids = list(forgotten.values_list("user_id", "pk")[:CLOSED_AT_ONCE])
    return sum(
        _close_forgotten(user_id, session_id, now) for user_id, session_id in ids
    )


@transaction.atomic
def erase_sessions(*, user_id: UUID) -> None:
    """Delete the sessions of an erased person, and what they counted."""
    for model in (TimedSession, StudyTime):
        model.objects.filter(user_id=user_id).delete()


@transaction.atomic
def _close_forgotten(user_id: UUID, session_id: UUID, now: datetime) -> bool:
    # Not made where it is gone: the learner may have been erased since the look.
    if StudyTime.objects.select_for_update().filter(pk=user_id).first() is None:
        return False
    still = TimedSession.objects.forgotten(now).filter(pk=session_id).first()
    if still is None:
        return False
    _close(still, TimedSession.State.ABANDONED)
    return True


def _lock_time(user_id: UUID) -> StudyTime:
    """Return a learner's time; whoever holds it may change their sessions."""
    return StudyTime.objects.select_for_update().get_or_create(user_id=user_id)[0]


def _own_session(user_id: UUID, session_id: UUID) -> TimedSession:
    session = TimedSession.objects.of_learner(user_id).filter(pk=session_id).first()
    if session is None:
        raise SessionNotFoundError
    return session


def _count_until(now: datetime, session: TimedSession, study_time: StudyTime) -> None:
    span = session.see(now)
    if span is None:
        return
    # Looking at the latest stretches is enough: an earlier one ended before an idle
    # gap, which is as long as a span can be.
    others = TimedSession.objects.of_learner(session.user_id).exclude(pk=session.pk)
    zone = Profile.objects.zone_of(session.user_id)
    for part in uncovered(span, others.stretches_after(span[0])):
        _count(part, zone, session, study_time)
    study_time.save()


def _count(span: Span, zone: str, session: TimedSession, study_time: StudyTime) -> None:
    for day, length in split_at_midnight(span, zone):
        minutes = study_time.add(length)
        session.counted += length
        session.study_minutes += minutes
        if minutes:
            progress = Progress.objects.locked(session.user_id)
            count_study(progress=progress, day=day, study_minutes=minutes)


def _close(session: TimedSession, state: str) -> None:
    """Close a session; one in which somebody studied goes into the history."""
    session.close(state)
    session.save()
    if not session.counted:
        return
    StudySession.objects.create(
        user_id=session.user_id,
        session_type="study",
        skill=session.skill,
        resource_id=session.resource_id,
        resource_title=session.resource_title,
        study_minutes=session.study_minutes,
        occurred_at=session.ended_at,
    )
