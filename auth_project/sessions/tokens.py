"""The tokens of a session: signed access tokens, opaque refresh tokens."""

import base64
import hashlib
import math
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import Token

from .models import Session
from .signing_keys import ACCESS_TOKEN_LIFETIME, signing_keys

REFRESH_TOKEN_LIFETIME = timedelta(days=14)


class SigningBackend(TokenBackend):
    """simplejwt's backend, with the key whose turn it is and its id in the header.

    It only signs: services verify with the published key set.
    """

    def encode(self, payload: Mapping[str, object]) -> str:
        """Sign *payload*; raises NoSigningKeyError when there is no key."""
        key = signing_keys().ring().signing_key(timezone.now())
        return jwt.encode(
            {
                **payload,
                "iss": settings.JWT_ISSUER,
                "aud": settings.JWT_AUDIENCE,
            },
            key.private_key,
            algorithm=self.algorithm,
            headers={"kid": key.kid},
        )


class AccessToken(Token):
    """Who someone is, for fifteen minutes, to every service."""

    token_type = "access"  # noqa: S105 - the kind of token, not a token
    lifetime = ACCESS_TOKEN_LIFETIME
    _token_backend = SigningBackend("EdDSA")

    def set_jti(self) -> None:
        """Leave the token without an id of its own: ``sid`` is what is revoked."""

    def set_iat(self, claim: str = "iat", at_time: datetime | None = None) -> None:
        """Set the time of issue, to the millisecond and never too late.

        In whole seconds a token issued just after a revocation would be refused too.
        """
        seconds = (at_time or self.current_time).timestamp()
        self.payload[claim] = math.floor(seconds * 1000) / 1000


def access_token_for(session: Session) -> str:
    """Return a signed access token of *session*, with its account as it is now."""
    account = session.account
    token = AccessToken()
    token["sub"] = str(account.id)
    token["role"] = account.role
    token["email"] = account.email
    token["name"] = account.full_name
    token["sid"] = str(session.id)
    return str(token)


def new_refresh_token() -> str:
    """Return a random refresh token."""
    return secrets.token_urlsafe(32)


def successor_of(refresh_token: str) -> str:
    """Return the token that *refresh_token* is exchanged for: the same each time.

    Whoever holds an old token cannot compute it without the server's key.
    """
    mac = salted_hmac(
        "auth_project.sessions.refresh", refresh_token, algorithm="sha256"
    )
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()


def digest_of(refresh_token: str) -> str:
    """Return what the database keeps of *refresh_token*."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()
