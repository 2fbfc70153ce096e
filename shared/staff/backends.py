"""Checks e-mail and password, and later the role, with auth-service."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from shared.contracts.auth import (
    GetAccount,
    VerifiedAccount,
    VerifyCredentials,
    get_account,
    verify_credentials,
)
from shared.wire.errors import CallError, InvalidRequestError, PeerRejected

from .errors import SignInUnavailableError, TooManyAttemptsError
from .models import StaffUser
from .people import remember, sign_out

logger = logging.getLogger(__name__)

VERIFIED_FOR = timedelta(seconds=60)  # a role that auth took away is gone by then
PATIENCE_SECONDS = 1.0  # a page does not wait longer for a confirmation
UNAUTHORIZED, TOO_MANY_REQUESTS = 401, 429


class PlatformBackend(ModelBackend):
    """Platform accounts sign in here; what they may do follows from their role."""

    clock: Callable[[], datetime] = staticmethod(timezone.now)
    _unconfirmed: set[UUID] = set()  # of this process: each outage is logged once

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_: object,
    ) -> StaffUser | None:
        """Return the person, None for wrong credentials; raises SignInError."""
        if not username or not password:
            return None
        # Admin and browsable API are never behind the gateway: forwarding headers
        # there are the client's own.
        address = request.META.get("REMOTE_ADDR", "") if request else ""
        account = _verify(username, password, address)
        return remember(account, at=self.clock()) if account else None

    def get_user(self, user_id: UUID) -> StaffUser | None:
        """Return the person of a session, confirmed by auth within the last minute.

        A role that changed ends the session: it is part of the session's hash.
        """
        user = super().get_user(user_id)
        if user is None or self.clock() - user.verified_at < VERIFIED_FOR:
            return user
        return self._confirm(user)

    def _confirm(self, user: StaffUser) -> StaffUser | None:
        try:
            account = get_account.now(
                GetAccount(user_id=user.id), timeout_seconds=PATIENCE_SECONDS
            )
        except CallError as error:
            if _says_no_such_account(error):
                sign_out(user.id)
                return None
            self._keep_last_answer(user, error)
            return user
        self._unconfirmed.discard(user.id)
        return remember(account, at=self.clock())

    def _keep_last_answer(self, user: StaffUser, error: CallError) -> None:
        # Operators need the admin most while something is away.
        if user.id not in self._unconfirmed:
            self._unconfirmed.add(user.id)
            logger.warning(
                "account not confirmed, last answer kept",
                extra={"user_id": str(user.id), "outcome": error.outcome},
            )


def _verify(email: str, password: str, address: str) -> VerifiedAccount | None:
    request = VerifyCredentials(email=email, password=password, client_address=address)
    try:
        return verify_credentials.now(request)
    except InvalidRequestError:
        return None  # no account has such an address or password
    except PeerRejected as error:
        if error.status == UNAUTHORIZED:
            return None
        if error.status == TOO_MANY_REQUESTS:
            raise TooManyAttemptsError(_too_many(error)) from error
        raise SignInUnavailableError from error
    except CallError as error:
        raise SignInUnavailableError from error


def _too_many(error: PeerRejected) -> str:
    seconds = error.retry_after
    if not seconds:
        return "Too many attempts. Try again in some minutes."
    minutes = -int(-seconds // 60)
    return f"Too many attempts. Try again in {minutes} min."


def _says_no_such_account(error: CallError) -> bool:
    return isinstance(error, PeerRejected) and error.code in (
        "account_not_found",
        "account_disabled",
    )
