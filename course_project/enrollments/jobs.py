"""What the worker does for enrollments from time to time."""

from shared.outbox.jobs import every

from . import services


@every(60, "expire enrollments")
def expire_enrollments() -> int:
    """Mark enrollments whose grant has ended."""
    return services.expire_enrollments()
