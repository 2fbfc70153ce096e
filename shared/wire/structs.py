"""Typed values that cross a border, and the checks that a decoder leaves out."""

import re
from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec

from .errors import InvalidRequestError


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """A message between services. Its constructor does not validate; encoding does."""


Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Role = Literal["student", "instructor", "admin"]
Skill = Literal["listening", "reading", "writing", "speaking"]
# A time without a zone would mean another moment on another machine.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Line = Annotated[str, msgspec.Meta(max_length=200)]
Paragraph = Annotated[str, msgspec.Meta(max_length=4000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Band = Annotated[float, msgspec.Meta(ge=0, le=9, multiple_of=0.5)]

StructType = TypeVar("StructType", bound=msgspec.Struct)

# C0 controls without tab and line breaks, and DEL; a decoder accepts them as escapes.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# A JSON text can hold such a character only behind an escape, or as a bare DEL.
_SUSPECT = re.compile(rb"\\u00|\\[bf]|\x7f|\\u[dD][89a-fA-F]")


def decode_json(decoder: msgspec.json.Decoder, body: bytes) -> object:
    """Decode *body* strictly; raise InvalidRequestError, never anything else."""
    try:
        value = decoder.decode(body)
        if _SUSPECT.search(body):
            # The plain text, because some of it may not be decoded yet (Raw).
            check_strings(msgspec.json.decode(body))
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(
            "The body is not JSON that can be read.", errors=None
        ) from error
    return value


def convert(value: object, to: type[StructType], *, strict: bool = True) -> StructType:
    """Convert plain values to a struct; raises InvalidRequestError."""
    try:
        struct = msgspec.convert(value, to, strict=strict)
    except (msgspec.ValidationError, UnicodeError, RecursionError) as error:
        raise _invalid(str(error)) from error
    check_strings(value)
    return struct


def check_strings(value: object) -> None:
    """Refuse control characters (but tab and line breaks) and lone surrogates."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if _CONTROL.search(item):
                raise InvalidRequestError("A text holds a control character.")
        elif isinstance(item, dict):
            waiting.extend(item.keys())
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple, set, frozenset)):
            waiting.extend(item)


def _invalid(message: str) -> InvalidRequestError:
    detail, _, place = message.partition(" - at `$")
    field = place.rstrip("`").lstrip(".")
    if not field and "missing required field" in detail:
        field = detail.rsplit("`", 2)[1]
    error = {"field": field, "code": "invalid", "detail": detail}
    return InvalidRequestError(errors=[error])
