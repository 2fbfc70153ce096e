"""Readers of streams, as a browser and as a crowd would read them."""

import asyncio
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import requests

from shared.testing.fleet import Fleet

from .asking import PATIENCE_SECONDS, ask
from .internal_calls import DOORS, key_of, knock

PATH = "/api/v1/notifications/stream"
NOTICES = next(door for door in DOORS if door.callee == "notification")


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    name: str
    data: dict
    id: str = ""


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    """Yield the events in the lines of a stream; what is half is none."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "event" in fields:
            data = json.loads(fields["data"])
            yield Event(fields["event"], data, fields.get("id", ""))
            fields = {}
        else:
            fields = {}


@dataclass
class Reader:
    """Somebody with a stream open; what has arrived, as it arrives."""

    response: requests.Response
    events: list[Event] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    is_whole: bool = False

    @property
    def titles(self) -> list[str]:
        """The titles of the notices, in their order."""
        return [item.data["title"] for item in self.named("notice")]

    @property
    def last_id(self) -> str:
        """What the reader would ask to go on from."""
        return [item.id for item in self.events if item.id][-1]

    def named(self, name: str) -> list[Event]:
        """Return the events of one kind."""
        return [item for item in self.events if item.name == name]

    def read(self) -> None:
        """Read until the stream is over, or was broken off."""
        try:
            lines = self.response.iter_lines(chunk_size=1, decode_unicode=True)
            for item in read_events(lines):
                self.events.append(item)
            self.is_whole = True
        except (requests.RequestException, AttributeError, ValueError, OSError):
            pass  # cut off, by the other side or by this one
        finally:
            self.is_over.set()


@contextmanager
def reading(url: str, token: str = "", **parameters: str) -> Iterator[Reader]:
    """Open a stream at *url*, which must be a 200, and read it in a thread."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    query = f"?{urlencode(parameters)}" if parameters else ""
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(
            f"{url}{PATH}{query}",
            headers=headers,
            stream=True,
            timeout=PATIENCE_SECONDS,
        )
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "text/event-stream"
        reader = Reader(response)
        thread = threading.Thread(target=reader.read)
        thread.start()
        try:
            yield reader
        finally:
            _cut(response)
            thread.join()


def _cut(response: requests.Response) -> None:
    """Break the connection, so that who reads from it wakes."""
    connection = response.raw.connection
    if connection is not None and connection.sock is not None:
        connection.sock.shutdown(socket.SHUT_RDWR)
    response.close()


def threads_and_megabytes(fleet: Fleet) -> tuple[int, float]:
    """Return the threads and the memory of the process that has the streams."""
    master = fleet.pid("notification-stream")
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    [status] = [Path(f"/proc/{pid}/status").read_text() for pid in children]
    threads = int(re.search(r"^Threads:\s+(\d+)", status, re.MULTILINE)[1])
    kilobytes = int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1])
    return threads, kilobytes / 1024


def send_notice(fleet: Fleet, user_id: str, title: str) -> None:
    """Have a person told something, as auth-service would."""
    answer = knock(
        fleet,
        NOTICES,
        key=key_of(fleet, "auth", "notification"),
        body={"user_id": user_id, "type": "system", "title": title, "message": "-"},
    )
    assert answer.status_code == 201, answer.text


def get_ticket(fleet: Fleet, token: str) -> str:
    """Return a ticket, asked for at the gateway."""
    answer = ask(
        "POST", f"{fleet.gateway_url}/api/v1/notifications/stream-tickets", token=token
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["ticket"]


class Crowd:
    """Many readers in one thread, on plain connections to the stream process."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname, parts.port
        self._tasks: list[asyncio.Task] = []
        self.seen: list[list[Event]] = []

    async def join(self, tokens: list[str]) -> None:
        """Open a stream with each of *tokens*; return when all have begun."""
        began = await asyncio.gather(*map(self._open, tokens))
        assert all(began)

    async def wait_until(self, is_true: Callable[[list[Event]], bool]) -> None:
        """Return when something is true of what each reader has seen."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not all(map(is_true, self.seen)):
                await asyncio.sleep(0.05)

    async def leave(self) -> None:
        """Close every stream."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _open(self, token: str) -> bool:
        reader, writer = await asyncio.open_connection(*self._address)
        # HTTP/1.0: the answer comes without chunks.
        writer.write(
            f"GET {PATH} HTTP/1.0\r\nHost: crowd\r\n"
            f"Authorization: Bearer {token}\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        seen: list[Event] = []
        self.seen.append(seen)
        self._tasks.append(asyncio.create_task(self._read(reader, writer, seen)))
        return head.split()[1] == b"200"

    async def _read(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        seen: list[Event],
    ) -> None:
        block: list[str] = []
        try:
            while line := await reader.readline():
                block.append(line.decode().rstrip("\n"))
                if not block[-1]:
                    seen.extend(read_events(iter(block)))
                    block.clear()
        finally:
            writer.close()
