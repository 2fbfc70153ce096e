"""What the worker does for accounts from time to time."""

from shared.outbox.jobs import every

from .throttle import purge_attempts


@every(600, "purge sign-in attempts")
def purge_old_attempts() -> int:
    """Delete attempts that nobody looks at any more."""
    return purge_attempts()
