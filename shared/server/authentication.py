"""Who is the person? Access tokens, verified here, without asking auth-service."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import (
    InvalidToken,
    TokenBackendError,
    TokenError,
)
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import Token

from .keyset import key_set
from .revocation import revocations

_BAD_CLAIM = (KeyError, ValueError, OverflowError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class PlatformUser:
    """The person a token speaks of, as the token says."""

    id: UUID
    role: str
    email: str
    name: str
    sid: UUID | None
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True
    is_staff: bool = False

    @property
    def pk(self):
        return self.id

    def __str__(self):
        return str(self.id)

    def get_username(self):
        """Return what the browsable API shows in its corner."""
        return self.email


class KeySetBackend(TokenBackend):
    """Verifies with the key of auth's key set that the token's header names."""

    def get_verifying_key(self, token):
        try:
            key_id = jwt.get_unverified_header(token).get("kid", "")
        except jwt.InvalidTokenError as error:
            raise TokenBackendError("Token is invalid") from error
        key = key_set.get(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise TokenBackendError("Token is invalid")
        return key


class AccessToken(Token):
    """A short-lived token that says who its bearer is."""

    token_type = "access"  # noqa: S105 - the claim's value, no secret
    lifetime = timedelta(minutes=15)
    _token_backend = KeySetBackend(
        "EdDSA",
        audience=api_settings.AUDIENCE,
        issuer=api_settings.ISSUER,
        leeway=api_settings.LEEWAY,
    )

    @property
    def token_backend(self):
        return self._token_backend

    def check_exp(self, claim="exp", current_time=None):
        """Check the claim with the same leeway as the signature check."""
        leeway = timedelta(seconds=api_settings.LEEWAY)
        super().check_exp(claim, (current_time or self.current_time) - leeway)


class TokenRevokedError(InvalidToken):
    """The token is good, and its session or its person is not any more."""

    problem_code = "token_revoked"
    default_detail = "This session has ended. Sign in again."


class PlatformJWTAuthentication(JWTAuthentication):
    """``Authorization: Bearer <access token>``."""

    def get_validated_token(self, raw_token):
        try:
            return AccessToken(raw_token)
        except (TokenError, TypeError, OverflowError) as error:
            raise InvalidToken("The access token is not valid.") from error

    def get_user(self, validated_token):
        try:
            user = PlatformUser(
                id=UUID(validated_token["sub"]),
                role=_text(validated_token["role"]),
                email=_text(validated_token["email"]),
                name=_text(validated_token.get("name", "")),
                sid=UUID(validated_token["sid"]) if "sid" in validated_token else None,
            )
            issued_at = datetime.fromtimestamp(validated_token["iat"], UTC)
        except _BAD_CLAIM as error:
            raise InvalidToken("The access token is not valid.") from error
        if revocations.refuses(
            user_id=user.id, session_id=user.sid, issued_at=issued_at
        ):
            raise TokenRevokedError(TokenRevokedError.default_detail)
        return user


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a claim is no text")
    return value


class PlatformJWTScheme(OpenApiAuthenticationExtension):
    """Names the scheme in the OpenAPI document."""

    target_class = PlatformJWTAuthentication
    name = "accessToken"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
