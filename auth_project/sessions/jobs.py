"""What the worker does for sessions from time to time."""

from shared.outbox.jobs import every

from .services import purge_sessions


@every(600, "purge sessions")
def purge_old_sessions() -> int:
    """Delete expired tokens and sessions that are long over."""
    return purge_sessions()
