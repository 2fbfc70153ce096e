"""Why the sessions app refuses."""

from shared.wire.errors import DomainError


class InvalidRefreshTokenError(DomainError):
    """This refresh token is unknown, expired or of an ended session. Sign in again."""

    code = "invalid_refresh_token"
    status = 401


class RefreshTokenReusedError(InvalidRefreshTokenError):
    """The refresh token was used before; its session has ended. Sign in again."""

    code = "refresh_token_reused"


class SessionNotFoundError(DomainError):
    """You have no such session."""

    code = "session_not_found"
    status = 404


class NoSigningKeyError(DomainError):
    """There is no key to sign tokens with: run `manage.py jwt_keys ensure`."""

    code = "no_signing_key"
    status = 503


class KeyRotationError(Exception):
    """The signing keys cannot change in this way now; the message says why."""
