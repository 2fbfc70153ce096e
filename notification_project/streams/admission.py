"""Who may open a stream: what a request shows, and for how long that is good."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated

from shared.server.authentication import PlatformJWTAuthentication, TokenRevokedError
from shared.server.revocation import revocations
from shared.telemetry.trace import Trace, read_trace
from shared.wire.headers import TRACE_ID, TRACEPARENT

from . import services
from .errors import (
    InvalidLastEventIdError,
    TwoCredentialsError,
    UnknownParameterError,
)

LONGEST = timedelta(minutes=15)  # by a ticket: as long as an access token lives
_PARAMETERS = {"ticket", "last_event_id"}
_MOST_DIGITS = 18
authentication = PlatformJWTAuthentication()


@dataclass(frozen=True)
class Request:
    """What a client asks; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]

    @classmethod
    def of(cls, scope: dict[str, object]) -> "Request":
        """Read an ASGI scope."""
        return cls(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in scope["headers"]
            },
        )

    def trace(self) -> Trace:
        """Return the trace that this request belongs to."""
        return read_trace(
            self.headers.get(TRACEPARENT.lower(), ""),
            self.headers.get(TRACE_ID.lower(), ""),
        )

    def parameters(self) -> dict[str, str]:
        """Return the query; raises UnknownParameterError."""
        pairs = parse_qsl(self.query, keep_blank_values=True)
        parameters = dict(pairs)
        if len(parameters) < len(pairs) or not parameters.keys() <= _PARAMETERS:
            raise UnknownParameterError
        return parameters

    def last_event_id(self) -> int | None:
        """Return what the client has seen last, None at the first time.

        A browser that reconnects sends the header; the parameter is for the first
        request of a new EventSource. Raises InvalidLastEventIdError.
        """
        text = self.headers.get("last-event-id", "")
        text = text or self.parameters().get("last_event_id", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
            raise InvalidLastEventIdError
        return int(text)


@dataclass(frozen=True)
class Admission:
    """Whose stream it is, by which token, and when that would have expired."""

    user_id: UUID
    session_id: UUID | None
    token_issued_at: datetime
    ends_at: datetime

    def is_revoked(self) -> bool:
        """Has the session or the person lost access since?"""
        return revocations.refuses(
            user_id=self.user_id,
            session_id=self.session_id,
            issued_at=self.token_issued_at,
        )


def admit(request: Request) -> Admission:
    """Say whose stream this is; raises a refusal."""
    ticket = request.parameters().get("ticket")
    authorization = request.headers.get("authorization")
    if ticket and authorization:
        raise TwoCredentialsError
    if ticket:
        return _admit_by_ticket(ticket)
    raw = authentication.get_raw_token((authorization or "").encode("latin-1"))
    if raw is None:
        raise NotAuthenticated
    token = authentication.get_validated_token(raw)
    user = authentication.get_user(token)
    leeway = timedelta(seconds=settings.JWT_LEEWAY_SECONDS)
    return Admission(
        user_id=user.id,
        session_id=user.sid,
        token_issued_at=datetime.fromtimestamp(token["iat"], UTC),
        ends_at=datetime.fromtimestamp(token["exp"], UTC) + leeway,
    )


def _admit_by_ticket(text: str) -> Admission:
    ticket = services.redeem_ticket(ticket=text)
    admission = Admission(
        user_id=ticket.user_id,
        session_id=ticket.session_id,
        token_issued_at=ticket.token_issued_at,
        ends_at=timezone.now() + LONGEST,
    )
    if admission.is_revoked():
        raise TokenRevokedError(TokenRevokedError.default_detail)
    return admission
