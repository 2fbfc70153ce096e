"""Writes the routes of a service: ``SERVICE=user python -m tests.security.routes``.

As JSON, by path, the methods of each. What its URLconf says, not what its schema tells.
"""

import json
import re
import sys
from collections.abc import Iterator

import django
from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes_of(
    patterns: list[URLPattern | URLResolver], before: str = "/"
) -> Iterator[tuple[str, list[str]]]:
    """Yield every path with its methods; a view that is no class counts as GET."""
    for pattern in patterns:
        path = before + _CONVERTER.sub(r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes_of(pattern.url_patterns, path)
            continue
        view = pattern.callback
        view_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
        methods = [name for name in METHODS if hasattr(view_class, name.lower())]
        yield path, methods if view_class else ["GET"]


if __name__ == "__main__":
    django.setup()
    json.dump(dict(routes_of(get_resolver().url_patterns)), sys.stdout)
