"""What the worker does for streams from time to time."""

from shared.outbox.jobs import every

from . import services


@every(300, "purge stream tickets")
def purge_old_tickets() -> int:
    """Delete tickets that nobody can use any more."""
    return services.purge_tickets()
