"""What the worker does for reminders from time to time."""

from shared.outbox.jobs import every

from . import services


@every(15, "remind learners of study")
def remind_learners() -> int:
    """Remind those whose time has come."""
    return services.remind_learners()
