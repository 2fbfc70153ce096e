"""What the progress app refuses."""

from shared.wire.errors import DomainError


class UnknownSkillError(DomainError):
    """There is no such skill: listening, reading, writing or speaking."""

    code = "unknown_skill"
    status = 404


class ImplausibleTimeError(DomainError):
    """The time of the event lies before there was a platform to study on."""

    code = "implausible_time"
    status = 422
