"""Set goals, move them with what is learned, and let them end."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from shared.contracts.events import GoalCompleted, publish
from user_project.achievements.models import totals_of_progress
from user_project.achievements.services import earn_achievements
from user_project.profiles.models import Profile
from user_project.profiles.zones import local_day
from user_project.progress.models import Progress

from .errors import (
    GoalCompletedError,
    GoalNotFoundError,
    InvalidDatesError,
    TooManyGoalsError,
)
from .models import Goal
from .periods import MOST_DAYS, last_day

Clock = Callable[[], datetime]
MOST_GOALS = 50  # that are not over; each of them is read with every completion
EXPIRED_AT_ONCE = 500  # rows of one short transaction
# No zone is further behind UTC: what is over there is over everywhere.
LAST_ZONE = timedelta(hours=12)


@transaction.atomic
def create_goal(
    *, user_id: UUID, values: Mapping[str, object], clock: Clock = timezone.now
) -> Goal:
    """Set a goal; study that was counted on its days before counts too.

    It begins today and runs for its period, unless *values* say otherwise.
    """
    progress = Progress.objects.locked(user_id)
    now = clock()
    today = _today(user_id, now)
    goal = Goal(user_id=user_id, created_at=now, **{"starts_on": today, **values})
    _set_end(goal, values.get("ends_on"), today)
    _refuse_too_many(user_id, today)
    goal.recount()
    _complete_if_reached(progress, goal, clock)
    goal.save()
    return goal


@transaction.atomic
def change_goal(
    *,
    user_id: UUID,
    goal_id: UUID,
    changes: Mapping[str, object],
    clock: Clock = timezone.now,
) -> Goal:
    """Change a goal and count it again; an expired one may get a new end.

    Another period or beginning moves the end, unless *changes* name it.
    """
    progress = Progress.objects.locked(user_id)
    goal = _own(user_id, goal_id)
    terms = {name: value for name, value in changes.items() if name != "title"}
    goal.title = changes.get("title", goal.title)
    if any(getattr(goal, name) != value for name, value in terms.items()):
        _change_terms(goal, terms, _today(user_id, clock()))
        _complete_if_reached(progress, goal, clock)
    goal.save()
    return goal


@transaction.atomic
def delete_goal(*, user_id: UUID, goal_id: UUID) -> None:
    """Take a goal back; that it was completed still counts for achievements."""
    Progress.objects.locked(user_id)
    _own(user_id, goal_id).delete()


def advance_goals(
    *,
    progress: Progress,
    day: date,
    increments: Mapping[str, int],
    clock: Clock = timezone.now,
) -> None:
    """Move the goals that *day* counts for, also those that are over by now.

    Call it in the transaction of the study, with the learner's *progress* locked, and
    save that.
    """
    goals = Goal.objects.of_learner(progress.user_id).covering(day)
    moved = [goal for goal in goals if goal.add(increments)]
    now = clock()
    completed = [goal for goal in moved if goal.complete_if_reached(now)]
    for goal in moved:
        goal.updated_at = now
    Goal.objects.bulk_update(moved, ["current", "state", "completed_at", "updated_at"])
    for goal in completed:
        _count_completed(progress, goal)


def expire_goals(*, clock: Clock = timezone.now) -> int:
    """Store that goals have expired whose last day is over in every zone."""
    overdue = Goal.objects.overdue((clock() - LAST_ZONE).date())
    oldest = overdue.order_by("ends_on").values_list("pk", flat=True)
    ids = list(oldest[:EXPIRED_AT_ONCE])
    return overdue.filter(pk__in=ids).update(state=Goal.State.EXPIRED)


def erase_goals(*, user_id: UUID) -> None:
    """Delete what an erased person wanted to reach."""
    Goal.objects.filter(user_id=user_id).delete()


def _own(user_id: UUID, goal_id: UUID) -> Goal:
    goal = Goal.objects.of_learner(user_id).filter(pk=goal_id).first()
    if goal is None:
        raise GoalNotFoundError
    return goal


def _today(user_id: UUID, now: datetime) -> date:
    return local_day(now, Profile.objects.zone_of(user_id))


def _change_terms(goal: Goal, terms: Mapping[str, object], today: date) -> None:
    if goal.is_completed:
        raise GoalCompletedError
    was_over = goal.ends_on < today
    before = (goal.period, goal.starts_on, goal.ends_on)
    for name, value in terms.items():
        setattr(goal, name, value)
    is_moved = (goal.period, goal.starts_on) != before[:2]
    _set_end(goal, terms.get("ends_on", None if is_moved else before[2]), today)
    if was_over:
        _refuse_too_many(goal.user_id, today)
    goal.state = Goal.State.ACTIVE
    goal.recount()


def _set_end(goal: Goal, ends_on: date | None, today: date) -> None:
    """Let a goal end on *ends_on*, or where its period says; refuse odd days."""
    if abs(goal.starts_on - today) > timedelta(days=MOST_DAYS):
        # Before the end is looked for: a calendar has a last day.
        _refuse("starts_on", "too_far", f"At most {MOST_DAYS} days from today.")
    goal.ends_on = ends_on or last_day(goal.period, goal.starts_on) or goal.ends_on
    if goal.ends_on is None:
        _refuse("ends_on", "required", "A custom goal needs its last day.")
    if goal.ends_on < goal.starts_on:
        _refuse("ends_on", "before_start", "This is before starts_on.")
    if goal.ends_on < today:
        _refuse("ends_on", "in_the_past", "This day is over.")
    if goal.ends_on - goal.starts_on >= timedelta(days=MOST_DAYS):
        _refuse("ends_on", "too_long", f"A goal has at most {MOST_DAYS} days.")


def _refuse(field: str, code: str, detail: str) -> NoReturn:
    raise InvalidDatesError(errors=[{"field": field, "code": code, "detail": detail}])


def _refuse_too_many(user_id: UUID, today: date) -> None:
    if Goal.objects.of_learner(user_id).not_over(today).count() >= MOST_GOALS:
        raise TooManyGoalsError


def _complete_if_reached(progress: Progress, goal: Goal, clock: Clock) -> None:
    if goal.complete_if_reached(clock()):
        _count_completed(progress, goal)
        earn_achievements(
            progress=progress, totals=totals_of_progress(progress), clock=clock
        )
        progress.save()


def _count_completed(progress: Progress, goal: Goal) -> None:
    progress.goals_completed += 1
    publish(
        GoalCompleted(
            user_id=goal.user_id,
            goal_id=goal.pk,
            title=goal.title,
            completed_at=goal.completed_at,
        )
    )
