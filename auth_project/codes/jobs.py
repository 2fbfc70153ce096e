"""What the worker does for codes from time to time."""

from shared.outbox.jobs import every

from . import services


@every(1, "send codes")
def send_codes() -> int:
    """Send the mails that are due."""
    return services.send_codes()


@every(600, "purge codes")
def purge_old_codes() -> int:
    """Delete codes that nobody can use any more."""
    return services.purge_codes()
