"""Why the codes app refuses."""

from shared.wire.errors import InvalidRequestError


class InvalidCodeError(InvalidRequestError):
    """The code is wrong, used, or too old, or was tried too often. Ask for another."""

    code = "invalid_code"
