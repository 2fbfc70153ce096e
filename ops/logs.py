"""The logs of all processes in one stream, each line with the name of its process."""

import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TextIO

from .platform import Platform

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94, 90)
POLL_SECONDS = 0.2


class LogFile:
    """One file that grows, and that rotation replaces."""

    def __init__(self, path: Path, *, from_end: bool) -> None:
        self.path = path
        self._stream: TextIO | None = None
        self._partial = ""
        if from_end and path.is_file():
            self._open()
            self._stream.seek(0, 2)

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def new_lines(self) -> list[str]:
        """Return the whole lines written since the last time."""
        if self._stream is None and not self._open():
            return []
        lines = self._read()
        if self._was_replaced():
            self.close()
            self._open()
            lines += self._read()
        return lines

    def _open(self) -> bool:
        try:
            self._stream = self.path.open(errors="replace")
        except FileNotFoundError:
            self._stream = None
        return self._stream is not None

    def _read(self) -> list[str]:
        if self._stream is None:
            return []
        *lines, self._partial = (self._partial + self._stream.read()).split("\n")
        return lines

    def _was_replaced(self) -> bool:
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return False
        mine = os.fstat(self._stream.fileno())
        return now.st_ino != mine.st_ino or now.st_size < self._stream.tell()


def follow(
    platform: Platform,
    programs: Iterable[str],
    *,
    from_end: bool,
    is_over: Callable[[], bool],
    out: TextIO = sys.stdout,
) -> None:
    """Print what *programs* write, until *is_over*."""
    with ExitStack() as exits:
        files = {
            label: exits.enter_context(closing(LogFile(path, from_end=from_end)))
            for label, path in _labelled(platform, programs, out)
        }
        while not is_over():
            for label, file in files.items():
                out.writelines(f"{label} {line}\n" for line in file.new_lines())
            out.flush()
            time.sleep(POLL_SECONDS)


def print_last(
    platform: Platform, programs: Iterable[str], count: int, out: TextIO = sys.stdout
) -> None:
    """Print the last *count* lines of each of *programs*."""
    for label, path in _labelled(platform, programs, out):
        with closing(LogFile(path, from_end=False)) as file:
            lines = file.new_lines()[-count:]
            out.writelines(f"{label} {line}\n" for line in lines)


def _labelled(
    platform: Platform, programs: Iterable[str], out: TextIO
) -> list[tuple[str, Path]]:
    """Return, for each of *programs*, what its lines begin with, and its file."""
    names = list(programs)
    width = max(map(len, names))
    return [
        (
            _label(name.ljust(width), _COLOURS[i % len(_COLOURS)], out),
            platform.log / f"{name}.log",
        )
        for i, name in enumerate(names)
    ]


def _label(name: str, colour: int, out: TextIO) -> str:
    return f"\x1b[{colour}m{name} |\x1b[0m" if out.isatty() else f"{name} |"
