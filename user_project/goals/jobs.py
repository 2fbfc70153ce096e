"""What the worker does for goals from time to time."""

from shared.outbox.jobs import every

from . import services


@every(60, "expire goals")
def expire_goals() -> int:
    """Store that goals are over; to their owners they read so before."""
    return services.expire_goals()
