"""What the worker does for broadcasts from time to time."""

from shared.outbox.jobs import every

from . import services


@every(2, "send broadcasts")
def send_broadcasts() -> int:
    """Send the next chunks of what was ordered."""
    return services.send_broadcasts()
