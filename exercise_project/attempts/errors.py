"""What the attempts app refuses."""

from shared.wire.errors import DomainError


class AttemptNotFoundError(DomainError):
    """You have no such attempt."""

    code = "attempt_not_found"
    status = 404


class AttemptClosedError(DomainError):
    """The attempt is over: its answers stay as they are."""

    code = "attempt_closed"
    status = 409


class InvalidAnswersError(DomainError):
    """Some answers do not fit the questions of this attempt."""

    code = "invalid_answers"
    status = 400
