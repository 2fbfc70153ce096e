"""Sign a device in, keep it signed in, end it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shared.contracts.events import SessionEnded, publish
from shared.server.revocation import revoke_session

from .devices import Device
from .errors import (
    InvalidRefreshTokenError,
    RefreshTokenReusedError,
    SessionNotFoundError,
)
from .models import RefreshToken, Session
from .tokens import (
    ACCESS_TOKEN_LIFETIME,
    REFRESH_TOKEN_LIFETIME,
    access_token_for,
    digest_of,
    new_refresh_token,
    successor_of,
)

# A client whose answer was lost asks again; a thief comes later.
REPEAT_WINDOW = timedelta(seconds=10)
ENDED_SESSIONS_KEPT = timedelta(days=30)
PURGE_BATCH = 500
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class IssuedTokens:
    """What a device gets at sign-in and at each refresh."""

    access_token: str
    refresh_token: str
    expires_in: int = int(ACCESS_TOKEN_LIFETIME.total_seconds())
    token_type: str = "Bearer"  # noqa: S105 - the scheme of RFC 6750


@transaction.atomic
def open_session(
    *, account_id: UUID, device: Device, clock: Clock = timezone.now
) -> IssuedTokens:
    """Sign *device* in for an account that has shown its password."""
    now = clock()
    session = Session.objects.create(
        account_id=account_id,
        user_agent=device.user_agent,
        address=device.address,
        created_at=now,
        last_used_at=now,
        expires_at=now + REFRESH_TOKEN_LIFETIME,
    )
    refresh_token = new_refresh_token()
    _store_refresh_token(refresh_token, session=session, parent=None, now=now)
    return IssuedTokens(access_token_for(session), refresh_token)


def refresh_session(*, refresh_token: str, clock: Clock = timezone.now) -> IssuedTokens:
    """Exchange *refresh_token* for its successor, once.

    Presented again within ten seconds, while the successor is unused, it gives the same
    successor: the first answer was lost. Later it has been stolen, from one side or the
    other: the session ends and RefreshTokenReusedError is raised. An unknown or expired
    token, or one of an ended session, raises InvalidRefreshTokenError.
    """
    try:
        return _exchange(refresh_token, clock())
    except RefreshTokenReusedError:
        # In a transaction of its own: the refusal rolls the exchange back.
        session = Session.objects.get(refresh_tokens__digest=digest_of(refresh_token))
        end_session(session=session, reason=Session.EndReason.TOKEN_REUSED, clock=clock)
        raise


@transaction.atomic
def _exchange(presented: str, now: datetime) -> IssuedTokens:
    token = _find_token(presented)
    if token.expires_at <= now:
        raise InvalidRefreshTokenError
    successor = successor_of(presented)
    # One UPDATE decides which of several concurrent requests makes the successor.
    if RefreshToken.objects.filter(pk=token.pk, used_at=None).update(used_at=now):
        _store_refresh_token(successor, session=token.session, parent=token, now=now)
        _touch(token.session, now)
    else:
        _refuse_reuse(token.pk, now)
    return IssuedTokens(access_token_for(token.session), successor)


def _find_token(presented: str) -> RefreshToken:
    # The account is locked: otherwise a change of role that commits between this read
    # and the signature would leave a token with the old role, issued after the change.
    token = (
        RefreshToken.objects.select_related("session__account")
        .select_for_update(of=("session__account",), no_key=True)
        .filter(digest=digest_of(presented), session__ended_at=None)
        .first()
    )
    if token is None or not token.session.account.is_enabled:
        raise InvalidRefreshTokenError
    return token


def _touch(session: Session, now: datetime) -> None:
    # Conditional: a session that ends at this moment must not gain a token.
    is_live = Session.objects.filter(pk=session.pk, ended_at=None).update(
        last_used_at=now, expires_at=now + REFRESH_TOKEN_LIFETIME
    )
    if not is_live:
        raise InvalidRefreshTokenError


def _refuse_reuse(token_id: int, now: datetime) -> None:
    # Read again: the winner has committed since the token was found.
    token = RefreshToken.objects.select_related("successor").get(pk=token_id)
    if token.successor.used_at or now - token.used_at > REPEAT_WINDOW:
        raise RefreshTokenReusedError


def _store_refresh_token(
    refresh_token: str, *, session: Session, parent: RefreshToken | None, now: datetime
) -> None:
    RefreshToken.objects.create(
        digest=digest_of(refresh_token),
        session=session,
        parent=parent,
        issued_at=now,
        expires_at=now + REFRESH_TOKEN_LIFETIME,
    )


def sign_out(*, refresh_token: str, clock: Clock = timezone.now) -> None:
    """End the session of *refresh_token*; a token without one is signed out already."""
    session = Session.objects.filter(
        refresh_tokens__digest=digest_of(refresh_token)
    ).first()
    if session is not None:
        end_session(session=session, reason=Session.EndReason.SIGNED_OUT, clock=clock)


def end_own_session(
    *, account_id: UUID, session_id: UUID, clock: Clock = timezone.now
) -> None:
    """End one device of a person; raises SessionNotFoundError for anybody else's."""
    session = Session.objects.filter(pk=session_id, account_id=account_id).first()
    if session is None:
        raise SessionNotFoundError
    end_session(session=session, reason=Session.EndReason.ENDED_BY_USER, clock=clock)


@transaction.atomic
def end_session(*, session: Session, reason: str, clock: Clock = timezone.now) -> bool:
    """End *session* and tell every service; return whether it was still going."""
    now = clock()
    is_first = Session.objects.filter(pk=session.pk, ended_at=None).update(
        ended_at=now, end_reason=reason
    )
    if not is_first:
        return False
    revoke_session(session.pk, at=now, reason=reason)
    publish(
        SessionEnded(user_id=session.account_id, session_id=session.pk, ended_at=now)
    )
    return True


@transaction.atomic
def end_sessions_of(
    *,
    account_id: UUID,
    reason: str,
    keep: UUID | None = None,
    clock: Clock = timezone.now,
) -> int:
    """End the live sessions of an account, but *keep*; return how many."""
    sessions = Session.objects.live(now=clock()).filter(account_id=account_id)
    if keep is not None:
        sessions = sessions.exclude(pk=keep)
    return sum(
        end_session(session=session, reason=reason, clock=clock)
        for session in sessions.order_by("pk")
    )


def live_sessions_of(
    account_id: UUID, *, clock: Clock = timezone.now
) -> QuerySet[Session]:
    """Return the devices on which this person is signed in."""
    return Session.objects.live(now=clock()).filter(account_id=account_id)


def purge_sessions(*, clock: Clock = timezone.now) -> int:
    """Delete a batch of expired tokens, and of sessions over for a month."""
    now = clock()
    tokens = RefreshToken.objects.filter(expires_at__lt=now).order_by("expires_at")
    token_ids = list(tokens.values_list("pk", flat=True)[:PURGE_BATCH])
    RefreshToken.objects.filter(pk__in=token_ids).delete()
    sessions = Session.objects.filter(expires_at__lt=now - ENDED_SESSIONS_KEPT)
    session_ids = list(
        sessions.order_by("expires_at").values_list("pk", flat=True)[:PURGE_BATCH]
    )
    Session.objects.filter(pk__in=session_ids).delete()
    return len(token_ids) + len(session_ids)
