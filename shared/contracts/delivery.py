"""Where events come in: one endpoint per subscriber, from envelope to consumers."""

from django.conf import settings

from shared.inbox.consumers import consumers_of
from shared.server.erased import refuse_erased
from shared.server.serves import Caller, InternalView, serves
from shared.wire.endpoints import ENDPOINTS
from shared.wire.errors import DomainError
from shared.wire.events import EVENTS, Envelope, event_endpoint_name
from shared.wire.structs import decode_json

from .publishing import EventAnswer


class UnknownEventTypeError(DomainError):
    """This service does not know this event, or does not listen to it."""

    code = "unknown_event_type"
    status = 404
    retryable = True  # a newer release of this service may


class PublisherNotAllowedError(DomainError):
    """A service may deliver only the events that it publishes."""

    code = "caller_not_allowed"
    status = 403


def receive_event(envelope: Envelope, caller: Caller) -> EventAnswer:
    """Hand an event to its consumers, all in the transaction of its inbox record."""
    event_type = EVENTS.get(envelope.type)
    if event_type is None or settings.SERVICE not in event_type.subscribers:
        raise UnknownEventTypeError
    if caller.service != event_type.publisher:
        raise PublisherNotAllowedError
    fact = decode_json(event_type.decoder, bytes(envelope.data))
    if not event_type.is_erasure:
        refuse_erased(fact)
    for consumer in consumers_of(event_type):
        consumer(fact)
    return EventAnswer(success=True)


def event_views() -> list[InternalView]:
    """Return this service's view for events; none when it listens to nothing."""
    name = event_endpoint_name(settings.SERVICE)
    return [serves(ENDPOINTS[name])(receive_event)] if name in ENDPOINTS else []
