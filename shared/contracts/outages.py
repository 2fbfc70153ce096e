"""What breaks when a service is down, computed from the contracts."""

from shared.topology import ACCOUNTS, SERVICES
from shared.wire.endpoints import ENDPOINTS
from shared.wire.events import EVENTS, event_endpoint_name

from .reference import DOCS, first_line, name_list

PATH = DOCS / "how-to" / "what-breaks-when-a-service-is-down.md"

_HEAD = """# What breaks when a service is down

`manage.py contracts reference` of any service computes this page from the contracts, \
and a test holds it to them.

Of every service that is down, people who ask it get a problem document, 502 or 504 \
with `Retry-After`, from the gateway.
No change is lost: what others have for it waits in their outboxes, in order, and \
starts to arrive within 10 s of its return; `make status` shows how much.
Who reads from it with `.now()` waits for its deadline at most, then not at all, \
because the breaker is open, and goes on without the answer.
Its own messages leave as long as its worker runs, whether its web process does or not.
"""
_ACCOUNTS = f"""Nobody registers or signs in, at the admins neither, until {ACCOUNTS} \
is back.
Access tokens are valid until they expire: every service checks them with the key set \
that it keeps, on disk too.
Operators who are signed in stay so, with the role that was last confirmed.
"""


def render_outages() -> str:
    """Return the page as Markdown."""
    return "\n".join([_HEAD, *(_outage(service) for service in SERVICES)])


def _outage(service: str) -> str:
    parts = [f"## {service}\n"]
    if service == ACCOUNTS:
        parts.append(_ACCOUNTS)
    for title, lines in (
        ("What waits for it:", _waiting(service)),
        ("What others go without:", _unanswered(service)),
        ("What others do not hear while its worker is down too:", _untold(service)),
    ):
        parts.append(f"{title}\n\n" + "\n".join(lines or ["- nothing"]) + "\n")
    return "\n".join(parts)


def _waiting(service: str) -> list[str]:
    calls = [
        f"- `{endpoint.name}` from {name_list(endpoint.callers)}: "
        f"{first_line(endpoint.request)}"
        for endpoint in ENDPOINTS.values()
        if endpoint.peer == service
        and endpoint.is_keyed
        and endpoint.name != event_endpoint_name(service)
    ]
    events = [
        f"- `{event_type.type}` from {event_type.publisher}: "
        f"{first_line(event_type.struct)}"
        for event_type in EVENTS.values()
        if service in event_type.subscribers
    ]
    return sorted(calls) + sorted(events)


def _unanswered(service: str) -> list[str]:
    return sorted(
        f"- `{endpoint.name}` in {name_list(endpoint.callers - {service})}: "
        f"{first_line(endpoint.request)}"
        for endpoint in ENDPOINTS.values()
        if endpoint.peer == service and not endpoint.is_keyed
    )


def _untold(service: str) -> list[str]:
    return sorted(
        f"- `{event_type.type}` to {name_list(event_type.subscribers)}: "
        f"{first_line(event_type.struct)}"
        for event_type in EVENTS.values()
        if event_type.publisher == service and event_type.subscribers
    )
