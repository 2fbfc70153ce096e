"""What the worker does for the leaderboard from time to time."""

from shared.outbox.jobs import every

from . import services


@every(3600, "purge standings")
def purge_standings() -> int:
    """Delete standings of weeks and months that are long over."""
    return services.purge_standings()
