"""The facts that services tell each other, and how they are published."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
from django.conf import settings

from shared.outbox.models import OutboxMessage
from shared.outbox.writing import write_message
from shared.telemetry.trace import current_trace
from shared.wire.events import EVENTS, Envelope, event, event_type_of
from shared.wire.ids import uuid7
from shared.wire.structs import Contract, Email, Line, Moment, Role, decode_json

from .peer import Peer


@event(
    "user.registered.v1",
    publisher="auth",
    subscribers={"course", "exercise", "notification"},
    subject="user_id",
)
class UserRegistered(Contract, frozen=True):
    """A person has an account. user-service learns it by the call profile/create."""

    user_id: UUID
    email: Email
    full_name: Line
    role: Role
    registered_at: Moment


_EVERY_PEER_OF_AUTH = {"user", "course", "exercise", "notification"}


@event(
    "user.role_changed.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class UserRoleChanged(Contract, frozen=True):
    """The role of an account is another; tokens issued before are refused."""

    user_id: UUID
    role: Role
    changed_at: Moment


@event(
    "user.disabled.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class UserDisabled(Contract, frozen=True):
    """An account was switched off by an operator."""

    user_id: UUID
    disabled_at: Moment


@event(
    "session.ended.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class SessionEnded(Contract, frozen=True):
    """A sign-in on one device is over; its access tokens are refused."""

    user_id: UUID
    session_id: UUID
    ended_at: Moment


@event(
    "profile.updated.v1",
    publisher="user",
    subscribers={"course", "exercise", "notification"},
    subject="user_id",
)
class ProfileUpdated(Contract, frozen=True):
    """What others show or use of a profile is another."""

    user_id: UUID
    display_name: Line
    locale: Line
    timezone: Line
    visibility: Line
    updated_at: Moment


class EventAnswer(Contract, frozen=True):
    """The event was handled."""

    success: bool


def _declare_event_endpoint(service: str) -> None:
    publishers = {
        event_type.publisher
        for event_type in EVENTS.values()
        if service in event_type.subscribers
    }
    if publishers:
        Peer(service).post(
            f"/api/v1/{service}/internal/events",
            Envelope,
            returns=EventAnswer,
            callers=publishers,
            success_status=200,
        )


for _service in ("auth", "user", "course", "exercise", "notification"):
    _declare_event_endpoint(_service)


def publish(fact: Contract) -> list[OutboxMessage]:
    """Store *fact* once per subscriber, in the current transaction.

    Raises OutsideTransactionError outside of one, TypeError for a class that is not
    an event, ValueError for an event of another service, and InvalidRequestError when
    a field breaks the contract.
    """
    event_type = event_type_of(type(fact))
    if event_type.publisher != settings.SERVICE:
        raise ValueError(f"{event_type.type} is published by {event_type.publisher}")
    data = msgspec.json.encode(fact)
    decode_json(event_type.decoder, data)
    subject = str(getattr(fact, event_type.subject))
    return [
        _store(event_type.type, destination, subject, data)
        for destination in sorted(event_type.subscribers)
    ]


def _store(type_: str, destination: str, subject: str, data: bytes) -> OutboxMessage:
    id_ = uuid7()
    envelope = Envelope(
        id=str(id_),
        source=settings.SERVICE,
        type=type_,
        subject=subject,
        time=datetime.now(UTC).isoformat(),
        data=msgspec.Raw(data),
        traceparent=current_trace().traceparent,
    )
    return write_message(
        kind=OutboxMessage.Kind.EVENT,
        type_=type_,
        destination=destination,
        payload=msgspec.json.encode(envelope).decode(),
        ordering_key=subject,
        id_=id_,
    )
