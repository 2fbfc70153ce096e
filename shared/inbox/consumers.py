"""Which function reacts to which event."""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings

from shared.wire.events import EventType, event_type_of
from shared.wire.structs import Contract

Fact = TypeVar("Fact", bound=Contract)
Consumer = Callable[[Fact], None]

_consumers: dict[str, list[Consumer]] = defaultdict(list)


def consumes(fact: type[Fact]) -> Callable[[Consumer], Consumer]:
    """Mark the function that reacts to *fact*: one call long, and it may run twice.

    In a service that does not subscribe to the event the mark has no effect, so shared
    apps can declare consumers for whoever installs them.
    """
    event_type = event_type_of(fact)

    def register(consumer: Consumer) -> Consumer:
        if settings.SERVICE in event_type.subscribers:
            _consumers[event_type.type].append(consumer)
        return consumer

    return register


def consumers_of(event_type: EventType) -> list[Consumer]:
    """Return the consumers of an event in this service."""
    return list(_consumers[event_type.type])
