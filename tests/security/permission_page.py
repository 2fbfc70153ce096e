"""Reads docs/reference/permissions.md: who gets which answer from which route."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ops.platform import ROOT, SERVICES

PAGE = ROOT / "docs" / "reference" / "permissions.md"
PORTS = "On every service port"
_CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) `([^`]+)`")
_PARAMETER = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Row:
    """One route, of one object, and the status for each kind of person."""

    service: str
    method: str
    path: str
    of: str
    cells: dict[str, int]

    def __str__(self):
        return f"{self.call} of {self.of}" if self.of else self.call

    @property
    def call(self) -> str:
        """The method and the path, as BODIES names them."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """The names in the path that stand for an object."""
        return _PARAMETER.findall(self.path)

    @property
    def is_list(self) -> bool:
        """Whether it answers with one's own rows, or with everybody's; no stream."""
        is_stream = self.path.endswith("/stream")
        return self.method == "GET" and not self.parameters and not is_stream


def rows() -> list[Row]:
    """Return the rows of the five services."""
    found = []
    for service in SERVICES:
        (_, _, *people), *lines = _table(service)
        for route, of, *statuses in lines:
            method, path = _CALL.fullmatch(route).groups()
            cells = dict(zip(people, map(int, statuses), strict=True))
            found.append(Row(service, method, path, of, cells))
    return found


def pages_of_ports() -> dict[str, int]:
    """Return the status of each page that every service port has."""
    _, *lines = _table(PORTS)
    return {_CALL.fullmatch(route)[2]: int(status) for route, status in lines}


def _table(heading: str) -> Iterator[list[str]]:
    """Yield the cells of a table's head, then those of each line."""
    section = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in (lines[0], *lines[2:]):
        yield [cell.strip() for cell in line.strip("|").split("|")]
