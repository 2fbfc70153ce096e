"""JSON bodies from people, read without mercy for what could hurt later."""

import json
import math
import re

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

MOST_DEPTH = 32
_SURROGATE_OR_NUL = re.compile(r"[\x00\ud800-\udfff]")


class StrictJSONParser(BaseParser):
    """Parses JSON; refuses duplicate keys, NaN, depth over 32, NUL, lone surrogates."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        """Return the parsed body; raises ParseError, or RequestDataTooBig.

        Django counts the bytes of a form only; this body is read past it.
        """
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        return parse_strictly(body)


def parse_strictly(body: bytes) -> object:
    """Return the value of a JSON text; raises ParseError with the reason."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise ParseError("The body is not UTF-8.") from error
    except RecursionError as error:
        raise ParseError(f"The body is nested deeper than {MOST_DEPTH}.") from error
    except ValueError as error:
        raise ParseError("The body is not valid JSON.") from error
    _check(value)
    return value


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ParseError("An object names a member twice.")
    return members


def _refuse_constant(name: str) -> object:
    raise ParseError(f"{name} is not JSON.")


def _check(value: object) -> None:
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            if _SURROGATE_OR_NUL.search(item):
                raise ParseError("A text holds a NUL or a lone surrogate.")
        elif isinstance(item, float):
            if not math.isfinite(item):  # 1e999
                raise ParseError("A number is too large.")
        elif isinstance(item, (dict, list)):
            if depth > MOST_DEPTH:
                raise ParseError(f"The body is nested deeper than {MOST_DEPTH}.")
            if isinstance(item, dict):
                waiting.extend((key, depth) for key in item)
                item = item.values()
            waiting.extend((inner, depth + 1) for inner in item)
