"""Finds where a file calls another service or publishes an event."""

import ast
from collections.abc import Iterator

# Clocks have a .now() too.
_CLOCKS = ("datetime", "django.utils")


def calls_through_contracts(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls of .now(request), .later(request) and publish(event)."""
    clocks = set(_names_imported_from(tree, _CLOCKS))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_contract_call(node, clocks):
            yield node


def _is_contract_call(node: ast.Call, clocks: set[str]) -> bool:
    match node.func:
        case ast.Name(id="publish") | ast.Attribute(attr="publish" | "later"):
            return True
        case ast.Attribute(attr="now", value=receiver):
            # A contract always takes its request; a clock of one's own takes nothing.
            return bool(node.args or node.keywords) and _root(receiver) not in clocks
    return False


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _names_imported_from(tree: ast.Module, origins: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in origins:
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in origins:
                    yield alias.asname or alias.name.split(".")[0]
