"""What the profiles app refuses."""

from shared.wire.errors import DomainError


class ProfileNotFoundError(DomainError):
    """There is no profile with this id that you may see."""

    code = "profile_not_found"
    status = 404
