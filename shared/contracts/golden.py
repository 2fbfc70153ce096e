"""Golden JSON Schemas of all contracts, and what makes a change incompatible."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shared.wire.endpoints import ENDPOINTS, Endpoint
from shared.wire.events import EVENTS, EventType
from shared.wire.structs import Contract

FOLDER = Path(__file__).parent / "golden"

Schema = dict[str, object]

# A message may lose none of these promises to its reader, nor ask more of its writer.
_UPPER_LIMITS = ("maximum", "maxLength", "maxItems")
_LOWER_LIMITS = ("minimum", "minLength", "minItems")


def documents() -> dict[str, Schema]:
    """Return what the golden files should hold, by file name."""
    endpoints = {
        _file_name(endpoint.name): _endpoint_document(endpoint)
        for endpoint in ENDPOINTS.values()
    }
    events = {
        f"{event_type.type}.json": _event_document(event_type)
        for event_type in EVENTS.values()
    }
    return endpoints | events


def write_golden(folder: Path = FOLDER) -> list[str]:
    """Write the golden files; returns the names of those that are new or changed."""
    folder.mkdir(exist_ok=True)
    changed = []
    for name, document in sorted(documents().items()):
        text = json.dumps(document, indent=2, sort_keys=True) + "\n"
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            changed.append(name)
    return changed


def differences(folder: Path = FOLDER) -> list[str]:
    """Return one line per golden file that does not say what the code says."""
    wanted = documents()
    present = {
        path.name: json.loads(path.read_text()) for path in folder.glob("*.json")
    }
    lines = [f"{name} is missing" for name in sorted(wanted.keys() - present.keys())]
    lines += [
        f"{name} is for a contract that is gone"
        for name in sorted(present.keys() - wanted.keys())
    ]
    lines += [
        f"{name} is out of date"
        for name in sorted(wanted.keys() & present.keys())
        if wanted[name] != present[name]
    ]
    return lines


def breakages(folder: Path = FOLDER) -> list[str]:
    """Return one line per change that breaks what the golden files promise."""
    wanted = documents()
    lines = []
    for path in sorted(folder.glob("*.json")):
        old = json.loads(path.read_text())
        new = wanted.get(path.name)
        if new is None:
            lines.append(f"{path.stem}: the contract was removed")
        else:
            lines.extend(f"{path.stem}: {line}" for line in _document_breaks(old, new))
    return lines


def _document_breaks(old: Schema, new: Schema) -> Iterator[str]:
    for name in ("callers", "subscribers"):
        for gone in sorted(set(old.get(name, ())) - set(new.get(name, ()))):
            yield f"{gone} is no longer among the {name}"
    for name in ("publisher", "keyed"):
        if old.get(name) != new.get(name):
            yield f"{name} changed from {old.get(name)} to {new.get(name)}"
    for part in ("request", "answer", "data"):
        if part in old:
            yield from schema_breaks(old[part], new[part], part)


def schema_breaks(old: Schema, new: Schema, place: str) -> Iterator[str]:
    """Yield what *new* removes, narrows or newly requires, each with its place."""
    old, new = _resolved(old), _resolved(new)
    old_kinds, new_kinds = _kinds(old), _kinds(new)
    for kind in sorted(old_kinds - new_kinds):
        yield f"{place}: {kind} is no longer allowed"
    if place.startswith(("answer", "data")):
        for kind in sorted(new_kinds - old_kinds):
            yield f"{place}: {kind} is new to its readers"
    yield from _limit_breaks(old, new, place)
    yield from _value_breaks(old, new, place)
    yield from _field_breaks(old, new, place)
    if "items" in old and "items" in new:
        yield from schema_breaks(old["items"], new["items"], f"{place}[]")


def _limit_breaks(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for name in _UPPER_LIMITS:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{place}: {name} was narrowed to {new[name]}"
    for name in _LOWER_LIMITS:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield f"{place}: {name} was narrowed to {new[name]}"
    for name in ("pattern", "format", "multipleOf"):
        if name in new and new[name] != old.get(name):
            yield f"{place}: {name} is now {new[name]}"


def _value_breaks(old: Schema, new: Schema, place: str) -> Iterator[str]:
    if "enum" not in new:
        return
    if "enum" not in old:
        yield f"{place}: only some values are allowed now"
        return
    for gone in sorted(set(old["enum"]) - set(new["enum"])):
        yield f"{place}: {gone!r} is no longer allowed"


def _field_breaks(old: Schema, new: Schema, place: str) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    for name in sorted(old_fields.keys() - new_fields.keys()):
        yield f"{place}.{name} was removed"
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{place}.{name} is required now"
    if not place.startswith("request"):
        for name in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
            if name in new_fields:
                yield f"{place}.{name} may be missing now"
    for name in sorted(old_fields.keys() & new_fields.keys()):
        yield from schema_breaks(old_fields[name], new_fields[name], f"{place}.{name}")


def _kinds(schema: Schema) -> set[str]:
    if "anyOf" in schema:
        return set().union(*(_kinds(option) for option in schema["anyOf"]))
    kind = schema.get("type")
    if kind is None:
        return {"string"} if "enum" in schema else set()
    kinds = set(kind) if isinstance(kind, list) else {kind}
    # Every integer is a number.
    return kinds | {"integer"} if "number" in kinds else kinds


def _resolved(schema: Schema) -> Schema:
    """Return the one object of a nullable schema, so that its fields are compared."""
    options = [
        option for option in schema.get("anyOf", ()) if option.get("type") != "null"
    ]
    if len(options) == 1:
        merged = {**schema, **options[0]}
        merged["type"] = sorted(_kinds(schema))
        merged.pop("anyOf")
        return merged
    return schema


def _file_name(endpoint_name: str) -> str:
    method, _, template = endpoint_name.partition(" ")
    path = template.removeprefix("/api/v1/").replace("{", "").replace("}", "")
    return f"{method.lower()}.{path.replace('/', '.')}.json"


def _endpoint_document(endpoint: Endpoint) -> Schema:
    return {
        "endpoint": endpoint.name,
        "callers": sorted(endpoint.callers),
        "keyed": endpoint.is_keyed,
        "request": _schema(endpoint.request),
        "answer": _schema(endpoint.returns),
    }


def _event_document(event_type: EventType) -> Schema:
    return {
        "event": event_type.type,
        "publisher": event_type.publisher,
        "subscribers": sorted(event_type.subscribers),
        "subject": event_type.subject,
        "data": _schema(event_type.struct),
    }


def _schema(struct: type[Contract]) -> Schema:
    """Return the JSON Schema with its references put in place."""
    schema = msgspec.json.schema(struct)
    definitions = schema.pop("$defs", {})
    return _inline(schema, definitions)


def _inline(value: object, definitions: dict[str, Schema]) -> object:
    if isinstance(value, list):
        return [_inline(item, definitions) for item in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if reference:
        return _inline(definitions[reference.rsplit("/", 1)[1]], definitions)
    return {name: _inline(item, definitions) for name, item in value.items()}
