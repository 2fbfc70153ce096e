"""How events are published, and the endpoints at which subscribers take them."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from django.conf import settings

from shared.outbox.models import OutboxMessage
from shared.outbox.writing import write_message
from shared.telemetry.trace import current_trace
from shared.wire.events import EVENTS, Envelope, event_type_of
from shared.wire.ids import uuid7
from shared.wire.structs import Contract, decode_json

from .peer import Peer


class EventAnswer(Contract, frozen=True):
    """The event was handled."""

    success: bool


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


def declare_event_endpoints(services: Iterable[str]) -> None:
    """Declare where each of *services* takes events, if it subscribes to any.

    Called once, when every event is declared.
    """
    for service in services:
        _declare_event_endpoint(service)


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
