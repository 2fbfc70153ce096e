"""What the goals app refuses."""

from shared.wire.errors import DomainError


class GoalNotFoundError(DomainError):
    """You have no goal with this id."""

    code = "goal_not_found"
    status = 404


class InvalidDatesError(DomainError):
    """A goal cannot run on these days."""

    code = "invalid_dates"
    status = 400


class GoalCompletedError(DomainError):
    """The goal is completed: only its title can change."""

    code = "goal_completed"
    status = 409


class TooManyGoalsError(DomainError):
    """You have 50 goals that are not over; delete one first."""

    code = "too_many_goals"
    status = 409
