"""One message of the outbox as a request to its destination."""

from shared.client import pipeline
from shared.telemetry.trace import Trace, read_trace
from shared.wire.endpoints import ENDPOINTS
from shared.wire.errors import PeerRejected
from shared.wire.events import event_endpoint_name

from .models import OutboxMessage


def trace_of(message: OutboxMessage) -> Trace:
    """Return a span of the trace in which the message was written."""
    return read_trace(message.traceparent)


def deliver_message(message: OutboxMessage) -> None:
    """Send *message* once; raises CallError.

    A type that this release does not know is left for a newer one, or for a person.
    """
    name = message.type
    if message.kind == OutboxMessage.Kind.EVENT:
        name = event_endpoint_name(message.destination)
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        raise PeerRejected(
            f"this release has no contract {name}",
            status=404,
            problem={"code": "route_not_found"},
            peer=message.destination,
            endpoint=name,
            outcome="unknown_here",
        )
    pipeline.deliver(
        endpoint,
        endpoint.place(message.payload.encode()),
        key=message.id,
        trace=trace_of(message),
        on_behalf_of=message.on_behalf_of,
    )
