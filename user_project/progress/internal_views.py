"""What peers report of a learner."""

from shared.contracts.user import (
    ProgressUpdated,
    StatisticsUpdated,
    UpdateProgress,
    UpdateStatistics,
    update_progress,
    update_statistics,
)
from shared.server.serves import Caller, serves

from . import services


@serves(update_progress)
def add_progress(request: UpdateProgress, caller: Caller) -> ProgressUpdated:
    services.add_progress(update=request)
    return ProgressUpdated(success=True, message="Progress updated.")


@serves(update_statistics)
def add_practice(request: UpdateStatistics, caller: Caller) -> StatisticsUpdated:
    services.add_practice(update=request)
    return StatisticsUpdated(success=True, message="Statistics updated.")
