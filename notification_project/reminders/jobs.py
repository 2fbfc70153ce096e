"""What the worker does for reminders from time to time."""

from shared.outbox.jobs import every

from . import services


@every(5, "fire reminders")
def fire_reminders() -> int:
    """Tell people of the reminders that are due."""
    return services.fire_reminders()
