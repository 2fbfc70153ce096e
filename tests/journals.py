"""The log lines that a program has written, as JSON objects."""

import json

from shared.testing.fleet import Fleet


def journal(fleet: Fleet, program: str, *, start: int = 0) -> list[dict]:
    """Return the lines of *program* from the byte *start* on.

    What other libraries write as plain text is left out.
    """
    lines = []
    for line in _whole_lines(fleet, program, start):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            lines.append(entry)
    return lines


def journal_end(fleet: Fleet, program: str) -> int:
    """Return where the next line of *program* will begin."""
    return _path(fleet, program).stat().st_size


def _whole_lines(fleet: Fleet, program: str, start: int) -> list[bytes]:
    with _path(fleet, program).open("rb") as stream:
        stream.seek(start)
        return stream.read().split(b"\n")[:-1]


def _path(fleet: Fleet, program: str):
    return fleet.platform.log / f"{program}.log"
