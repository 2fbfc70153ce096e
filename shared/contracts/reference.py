"""The reference of all internal endpoints and events, written from the contracts."""

from pathlib import Path

import msgspec

from shared.wire.endpoints import ENDPOINTS, Endpoint
from shared.wire.events import EVENTS, EventType
from shared.wire.structs import Contract

DOCS = Path(__file__).resolve().parents[2] / "docs"
PATH = DOCS / "reference" / "contracts.md"

_HEAD = """# Contracts

Every internal endpoint and every event, as `shared/contracts/` declares them.
`manage.py contracts reference` of any service writes this page.
A test holds it to the code.
[What breaks when a service is down](../how-to/what-breaks-when-a-service-is-down.md) \
is computed from them too.
"""


def render_reference() -> str:
    """Return the page as Markdown."""
    parts = [_HEAD, "## Internal endpoints\n"]
    by_name = sorted(ENDPOINTS.values(), key=lambda item: (item.peer, item.template))
    parts.extend(_endpoint(endpoint) for endpoint in by_name)
    parts.append("## Events\n")
    parts.extend(_event(EVENTS[name]) for name in sorted(EVENTS))
    return "\n".join(parts)


def _endpoint(endpoint: Endpoint) -> str:
    keyed = "needs an `Idempotency-Key`" if endpoint.is_keyed else "is not keyed"
    ordered = f"; in order per `{endpoint.ordered_by}`" if endpoint.ordered_by else ""
    return (
        f"### `{endpoint.name}`\n\n{first_line(endpoint.request)}\n\n"
        f"Callers: {name_list(endpoint.callers)}. It {keyed}{ordered}.\n\n"
        f"Request:\n\n{_fields(endpoint.request)}\n\n"
        f"Answer: {first_line(endpoint.returns)}\n\n{_fields(endpoint.returns)}\n"
    )


def _event(event_type: EventType) -> str:
    listeners = name_list(event_type.subscribers) or "nobody yet"
    return (
        f"### `{event_type.type}`\n\n{first_line(event_type.struct)}\n\n"
        f"{event_type.publisher} → {listeners}; in order per "
        f"`{event_type.subject}`.\n\n{_fields(event_type.struct)}\n"
    )


def _fields(struct: type) -> str:
    fields = msgspec.structs.fields(struct)
    if not fields:
        return "Nothing."
    rows = ["| Field | Type | Default |", "|---|---|---|"]
    for item in fields:
        default = "required" if item.required else f"`{_default(item)}`"
        rows.append(f"| `{item.encode_name}` | {_type_name(item.type)} | {default} |")
    return "\n".join(rows)


def _default(item: msgspec.structs.FieldInfo) -> str:
    if item.default is not msgspec.NODEFAULT:
        return msgspec.json.encode(item.default).decode()
    return msgspec.json.encode(item.default_factory()).decode()


def _type_name(type_: object) -> str:
    schema = msgspec.json.schema(type_)
    schema.pop("$defs", None)
    return f"`{_short(schema)}`".replace("|", "\\|")


def _short(schema: dict[str, object]) -> str:
    if "anyOf" in schema:
        return " | ".join(_short(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if schema.get("type") == "array":
        return f"list of {_short(schema.get('items', {}))}"
    limits = [
        f"{name} {schema[name]}"
        for name in ("format", "minimum", "maximum", "maxLength", "multipleOf")
        if name in schema
    ]
    return ", ".join([str(schema.get("type", "any")), *limits])


def first_line(struct: type[Contract]) -> str:
    """Return the sentence that says what a message is."""
    return (struct.__doc__ or "").strip().splitlines()[0]


def name_list(names: frozenset[str]) -> str:
    """Return the names of services for a sentence."""
    return ", ".join(sorted(names))
