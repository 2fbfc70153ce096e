"""What the worker does for mails from time to time."""

from shared.outbox.jobs import every

from . import services


@every(1, "send mails")
def send_mails() -> int:
    """Send the mails that are due."""
    return services.send_mails()


@every(60, "give up mails")
def give_up_mails() -> int:
    """Close the mails that nobody will send any more."""
    return services.give_up_mails()
