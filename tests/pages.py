"""The code blocks of a Markdown page, and a shell in which to run them."""

import os
import re
import signal
import subprocess
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ops.processes import end_session, session_members

_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"(?:#|<!--) (\S+)(?: -->)?\n")
_END = "the block has ended"


@dataclass(frozen=True)
class Block:
    """One block of code; *language* is the word after its fence."""

    language: str
    text: str

    @property
    def file_name(self) -> str:
        """The file that a block names in a comment in its first line."""
        return _FILE_NAME.match(self.text)[1]

    def write(self, folder: Path) -> None:
        """Write the file; its folder must be there, as for whoever follows the page."""
        (folder / self.file_name).write_text(self.text)

    @property
    def lines(self) -> list[str]:
        """Its lines of code: neither empty nor a comment."""
        lines = [line.strip() for line in self.text.splitlines()]
        return [line for line in lines if line and not line.startswith("#")]


def blocks_of(page: str) -> Iterator[Block]:
    """Yield the blocks of a page in their order."""
    for _, language, text in _BLOCK.findall(page):
        yield Block(language, textwrap.dedent(text))


@contextmanager
def shell(folder: Path, environment: Mapping[str, str]) -> Iterator["Shell"]:
    """Give a bash that runs in *folder*; what it has left running is stopped."""
    with tempfile.TemporaryFile("w+") as errors:
        bash = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        try:
            yield Shell(bash, errors)
        finally:
            with suppress(BrokenPipeError):  # a block has failed, and ended it
                bash.stdin.close()
            for pid in session_members(bash.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            end_session(bash.pid, patience_seconds=15)
            bash.wait()
            bash.stdout.close()


class Shell:
    """One bash for all blocks of a page; it ends at the first command that fails."""

    def __init__(self, bash: subprocess.Popen, errors: TextIO) -> None:
        self._bash = bash
        self._errors = errors

    def run(self, text: str) -> str:
        """Run a block; return what it prints, fail with what it complains of."""
        self._bash.stdin.write(f"{text}\nprintf '\\n{_END}\\n'\n")
        self._bash.stdin.flush()
        printed = []
        for line in self._bash.stdout:
            if line.strip() == _END:
                return "".join(printed).removesuffix("\n")
            printed.append(line)
        self._errors.seek(0)
        raise AssertionError(
            f"{text}\nfailed:\n{''.join(printed)}{self._errors.read()}"
        )
