"""The stream process in this one: its application, and clients that talk ASGI."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from notification_project.streams.asgi import PATH, StreamApplication

PATIENCE_SECONDS = 10


class Client:
    """One request, and what has come back so far."""

    def __init__(self, app, path, *, method="GET", query="", headers=None):
        self.messages = []
        self.is_reading = asyncio.Event()
        self.is_reading.set()
        self.task = asyncio.create_task(
            app(
                {
                    "type": "http",
                    "method": method,
                    "path": path,
                    "query_string": query.encode(),
                    "headers": [
                        (name.lower().encode(), value.encode())
                        for name, value in (headers or {}).items()
                    ],
                },
                self._receive,
                self._send,
            )
        )

    async def _receive(self):
        raise AssertionError("a stream has nothing to receive")

    async def _send(self, message):
        self.messages.append(message)
        await self.is_reading.wait()

    @property
    def status(self):
        return self.messages[0]["status"]

    @property
    def headers(self):
        return {
            name.decode(): value.decode() for name, value in self.messages[0]["headers"]
        }

    @property
    def body(self):
        return b"".join(message["body"] for message in self.messages[1:])

    @property
    def events(self):
        """Return (name, data, id) of each event."""
        found = []
        for block in self.body.decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if line)
            if "event" in fields:
                found.append(
                    (fields["event"], json.loads(fields["data"]), fields.get("id"))
                )
        return found

    @property
    def titles(self):
        return [data["title"] for name, data, _ in self.events if name == "notice"]

    @property
    def counts(self):
        return [
            data["unread_count"]
            for name, data, _ in self.events
            if name == "unread-count"
        ]

    @property
    def last_id(self):
        return [position for _, _, position in self.events if position][-1]

    @property
    def is_over(self):
        return self.task.done()

    async def until(self, is_true: Callable[[], object]) -> None:
        """Wait until something has come; what the application raises is a failure."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_true():
                if self.is_over:
                    self.task.result()
                    assert is_true(), (self.messages[:1], self.body)
                await asyncio.sleep(0.005)

    async def begun(self) -> "Client":
        """Wait for the event that every stream begins with."""
        await self.until(lambda: self.messages and self.counts)
        return self

    async def answered(self) -> "Client":
        """Wait for the end of the answer."""
        await self.until(lambda: self.is_over)
        return self

    async def leave(self) -> None:
        """Break the connection, as gunicorn reports it."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Process:
    """The running application."""

    def __init__(self):
        self.app = StreamApplication()
        self.state = {}
        self.clients = []

    def ask(self, path, **request):
        """Send a request."""
        client = Client(self.app, path, **request)
        self.clients.append(client)
        return client

    def open(self, token="", *, last_event_id="", **parameters):
        """Ask for a stream, with a token or with what stands in the query."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return self.ask(PATH, headers=headers, query=query)


@asynccontextmanager
async def running_process() -> AsyncIterator[Process]:
    """Run the application from its start to its end."""
    process = Process()
    coming, going = asyncio.Queue(), asyncio.Queue()
    life = asyncio.create_task(
        process.app({"type": "lifespan", "state": process.state}, coming.get, going.put)
    )
    await coming.put({"type": "lifespan.startup"})
    assert (await going.get())["type"] == "lifespan.startup.complete"
    try:
        yield process
    finally:
        for client in process.clients:
            await client.leave()
        await coming.put({"type": "lifespan.shutdown"})
        assert (await going.get())["type"] == "lifespan.shutdown.complete"
        await life
