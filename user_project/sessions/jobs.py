"""What the worker does for study sessions from time to time."""

from shared.outbox.jobs import every

from . import services


@every(60, "close forgotten study sessions")
def close_forgotten_sessions() -> int:
    """Close sessions that were left open, where they were seen last."""
    return services.close_forgotten_sessions()
