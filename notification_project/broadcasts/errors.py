"""What the broadcasts app refuses."""

from shared.wire.errors import DomainError


class BroadcastNotFoundError(DomainError):
    """There is no broadcast with this id."""

    code = "broadcast_not_found"
    status = 404


class BroadcastFinishedError(DomainError):
    """The broadcast is over: everybody was told, or it was cancelled."""

    code = "broadcast_finished"
    status = 409
