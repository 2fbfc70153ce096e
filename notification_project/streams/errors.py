"""What the streams app refuses."""

from shared.wire.errors import DomainError


class TicketNotValidError(DomainError):
    """The ticket is unknown, used or expired. Ask for another."""

    code = "ticket_not_valid"
    status = 401


class TwoCredentialsError(DomainError):
    """Send a ticket or an access token, not both."""

    code = "two_credentials"
    status = 400


class UnknownParameterError(DomainError):
    """Known parameters are ticket and last_event_id, each once."""

    code = "unknown_parameter"
    status = 400


class InvalidLastEventIdError(DomainError):
    """This is not the id of an event of a stream."""

    code = "invalid_last_event_id"
    status = 400


class TooManyStreamsError(DomainError):
    """You have too many streams open. Close one first."""

    code = "too_many_streams"
    status = 429


class NoRoomError(DomainError):
    """No more streams can be opened right now. Try again."""

    code = "no_room_for_streams"
    status = 503
    retryable = True
