"""What peers and study sessions add to a learner's progress."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from shared.contracts.events import StreakReached, publish
from shared.contracts.user import UpdateProgress, UpdateStatistics
from user_project.achievements.models import totals_of_practice, totals_of_progress
from user_project.achievements.services import earn_achievements
from user_project.goals.services import advance_goals
from user_project.leaderboard.services import add_to_standings
from user_project.profiles.models import Profile
from user_project.profiles.zones import local_day

from .errors import ImplausibleTimeError
from .models import (
    Progress,
    SkillStatistic,
    StreakMilestone,
    StudyDay,
    StudySession,
)
from .streaks import MILESTONES, find_streaks, run_around

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # far from where calendars of zones end
_CENT = Decimal("0.01")


@transaction.atomic
def add_progress(
    *, update: UpdateProgress, clock: Callable[[], datetime] = timezone.now
) -> StudySession:
    """Add what a learner did, on the calendar day on which they did it.

    The profile need not exist yet; without it the day is that of UTC.
    """
    progress = Progress.objects.locked(update.user_id)
    session = _record_session(update, clock())
    zone = Profile.objects.zone_of(update.user_id)
    count_study(
        progress=progress,
        day=local_day(session.occurred_at, zone),
        lessons_completed=update.lessons_completed,
        exercises_completed=update.exercises_completed,
        study_minutes=update.study_minutes,
        moment=session.occurred_at,
        clock=clock,
    )
    return session


def count_study(
    *,
    progress: Progress,
    day: date,
    lessons_completed: int = 0,
    exercises_completed: int = 0,
    study_minutes: int = 0,
    moment: datetime | None = None,
    clock: Callable[[], datetime] = timezone.now,
) -> None:
    """Add to a learner's day, and to all that follows from it; *progress* is locked.

    *moment* is when it happened, now when unsaid: weeks of the leaderboard are UTC's.
    """
    study_day, _ = StudyDay.objects.get_or_create(user_id=progress.user_id, day=day)
    counted_before = study_day.counts
    increments = {
        "lessons_completed": lessons_completed,
        "exercises_completed": exercises_completed,
        "study_minutes": study_minutes,
    }
    study_day.add(**increments)
    study_day.save()
    progress.add(**increments)
    if study_day.counts and not counted_before:
        counting = StudyDay.objects.filter(user_id=progress.user_id).counting()
        days = set(counting.values_list("day", flat=True))
        progress.set_streaks(find_streaks(days))
        _tell_streak(progress.user_id, *run_around(day, days))
    add_to_standings(
        user_id=progress.user_id, moment=moment or clock(), increments=increments
    )
    advance_goals(progress=progress, day=day, increments=increments, clock=clock)
    earn_achievements(
        progress=progress, totals=totals_of_progress(progress), clock=clock
    )
    progress.save()


@transaction.atomic
def add_practice(
    *, update: UpdateStatistics, clock: Callable[[], datetime] = timezone.now
) -> SkillStatistic:
    """Count one practice of a skill; whether it was the last, its time decides."""
    # The lock of the progress comes first, as everywhere: what is earned adds to it.
    progress = Progress.objects.locked(update.user_id)
    statistic, _ = SkillStatistic.objects.select_for_update().get_or_create(
        user_id=update.user_id, skill=update.skill
    )
    statistic.add(
        percent=_percent(update.score_percent),
        band=None if update.band is None else Decimal(str(update.band)),
        minutes=update.time_minutes,
        is_completed=update.is_completed,
        occurred_at=_moment(update.occurred_at, clock()),
    )
    statistic.save()
    earn_achievements(
        progress=progress, totals=totals_of_practice(statistic), clock=clock
    )
    progress.save()
    return statistic


@transaction.atomic
def erase_progress(*, user_id: UUID) -> None:
    """Delete all that an erased person has done."""
    for model in (Progress, StudyDay, StudySession, SkillStatistic, StreakMilestone):
        model.objects.filter(user_id=user_id).delete()


def _tell_streak(user_id: UUID, first_day: date, last_day: date) -> None:
    """Tell the longest milestone that the streak of these days has newly reached.

    Where one day reaches several, by joining two streaks, the others go without saying.
    """
    length = (last_day - first_day).days + 1
    if length < MILESTONES[0]:
        return
    told = StreakMilestone.objects.filter(
        user_id=user_id, reached_on__range=(first_day, last_day)
    )
    known = set(told.values_list("days", flat=True))
    new = [
        StreakMilestone(
            user_id=user_id, days=days, reached_on=first_day + timedelta(days=days - 1)
        )
        for days in MILESTONES
        if days <= length and days not in known
    ]
    StreakMilestone.objects.bulk_create(new)
    for milestone in new[-1:]:
        publish(
            StreakReached(
                user_id=user_id, days=milestone.days, reached_on=milestone.reached_on
            )
        )


def _record_session(update: UpdateProgress, now: datetime) -> StudySession:
    return StudySession.objects.create(
        user_id=update.user_id,
        session_type=update.session_type,
        skill=update.skill or "",
        resource_id=update.resource_id,
        resource_title=update.resource_title,
        lessons_completed=update.lessons_completed,
        exercises_completed=update.exercises_completed,
        study_minutes=update.study_minutes,
        score_percent=(
            None if update.score_percent is None else _percent(update.score_percent)
        ),
        occurred_at=_moment(update.occurred_at, now),
    )


def _percent(value: float) -> Decimal:
    # Cents of a percent add up exactly, floats do not.
    return Decimal(str(value)).quantize(_CENT)


def _moment(occurred_at: datetime | None, now: datetime) -> datetime:
    """Return when it happened, in UTC: now when unsaid, never later than now."""
    if occurred_at is None:
        return now
    if occurred_at.tzinfo is None:
        occurred_at = occurred_at.replace(tzinfo=UTC)
    if occurred_at < EARLIEST:
        raise ImplausibleTimeError
    return min(occurred_at, now).astimezone(UTC)
