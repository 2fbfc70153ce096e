"""What the sessions app refuses."""

from shared.wire.errors import DomainError


class SessionNotFoundError(DomainError):
    """You have no study session with this id."""

    code = "session_not_found"
    status = 404


class SessionEndedError(DomainError):
    """The session has ended, or was closed because nothing was heard of it."""

    code = "session_ended"
    status = 409
