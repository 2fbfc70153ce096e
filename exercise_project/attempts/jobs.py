"""What the worker does for attempts from time to time."""

from shared.outbox.jobs import every

from .services import expire_attempts


@every(10, "expire attempts")
def expire_overdue_attempts() -> int:
    """Grade attempts whose time is over, from what was saved last."""
    return expire_attempts()
