"""What both sides know of an event: type, publisher, subscribers, subject."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import msgspec

from .structs import Contract

EVENTS: dict[str, "EventType"] = {}


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it travels: the attributes of CloudEvents 1.0, with plain data."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: msgspec.Raw
    traceparent: str = ""
    specversion: str = "1.0"


@dataclass(frozen=True, eq=False)
class EventType:
    """One event; *subject* names the field that orders and identifies it.

    *is_erasure* marks the one that says that its subject was erased.
    """

    type: str
    struct: type[Contract]
    publisher: str
    subscribers: frozenset[str]
    subject: str
    is_erasure: bool = False

    @cached_property
    def decoder(self) -> msgspec.json.Decoder:
        """Decodes the event's data."""
        return msgspec.json.Decoder(self.struct)


def event(
    type_: str,
    *,
    publisher: str,
    subscribers: set[str],
    subject: str,
    is_erasure: bool = False,
) -> Callable[[type[Contract]], type[Contract]]:
    """Declare a Contract as the event *type_* (``lesson.completed.v1``)."""

    def declare(struct: type[Contract]) -> type[Contract]:
        if type_ in EVENTS:
            raise ValueError(f"the event {type_} is declared twice")
        EVENTS[type_] = EventType(
            type_, struct, publisher, frozenset(subscribers), subject, is_erasure
        )
        return struct

    return declare


def event_type_of(struct: type[Contract]) -> EventType:
    """Return the declaration behind an event's class; raises TypeError without one."""
    for event_type in EVENTS.values():
        if event_type.struct is struct:
            return event_type
    raise TypeError(f"{struct.__name__} is not declared as an event")


def event_endpoint_name(service: str) -> str:
    """Return the name of the endpoint at which *service* takes events."""
    return f"POST /api/v1/{service}/internal/events"
