"""A peer that fails in every way a service can: a real HTTP server on a free port."""

import json as jsonlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

# Fits the answers of most contracts; unknown members are ignored.
_FINE = {
    "success": True,
    "message": "done",
    "created": True,
    "user_id": "0192f0c1-2345-7abc-8def-0123456789ab",
    "profiles": [],
}
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class ReceivedRequest:
    """One request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> object:
        """The body as JSON."""
        return jsonlib.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int = 200
    json: object = None
    headers: Mapping[str, str] | None = None
    body: bytes | None = None

    def encoded(self) -> bytes:
        """Return head and body as they travel."""
        body = self.body
        if body is None:
            body = jsonlib.dumps(_FINE if self.json is None else self.json).encode()
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **(self.headers or {}),
        }
        return _head(self.status, headers) + body


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


# Answers one request on its connection; returns whether the connection stays open.
Behaviour = Callable[["_Connection", ReceivedRequest], bool]


class FaultyPeer:
    """The server; its methods say how it behaves from the next request on.

    With *times* a behaviour is for that many requests, in the order of the calls;
    without, it is for all that follow. ``requests`` holds what arrived, in order. Use
    it as a context manager: no thread and no socket is left afterwards.
    """

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []
        self.opened = 0
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._connections: set[_Connection] = set()
        self._listener: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self._port = 0
        self._few: deque[Behaviour] = deque()
        self._lasting: Behaviour = _replies(Reply())

    def __enter__(self) -> "FaultyPeer":
        self._listen()
        return self

    def __exit__(self, *about: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        with self._lock:
            return len(self._connections)

    def up(
        self, json: object = None, *, status: int = 200, times: int | None = None
    ) -> None:
        """Listen (again) and answer every request well.

        Without *times* what was to happen a few times is forgotten.
        """
        if times is None:
            self._few.clear()
        self._behave(_replies(Reply(status, json)), times)
        if self._listener is None:
            self._listen()

    def answers(
        self,
        status: int,
        *,
        json: object = None,
        retry_after: object = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        times: int | None = None,
    ) -> None:
        """Answer with this status; *body* instead of *json* is sent as it is."""
        headers = dict(headers or {})
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        self._behave(_replies(Reply(status, json, headers, body)), times)

    def refuses(
        self, code: str, *, status: int = 422, times: int | None = None
    ) -> None:
        """Answer with a problem document of this code."""
        problem = {"status": status, "code": code, "detail": f"refused: {code}"}
        self.answers(status, json=problem, times=times)

    def replies(self, reply: Callable[[ReceivedRequest], Reply]) -> None:
        """Answer what *reply* returns for a request."""
        self._behave(lambda connection, request: connection.send(reply(request)))

    def down(self) -> None:
        """Refuse connections, and end those that are open."""
        self._stop_listening()
        self._end_connections()

    def hangs(self, *, times: int | None = None) -> None:
        """Accept, read the request, and stay silent."""
        self._behave(lambda connection, request: connection.wait_for_end(), times)

    def drips(
        self, seconds: float = 0.5, *, part: str = "body", times: int | None = None
    ) -> None:
        """Send one byte every *seconds*: of the whole answer, or of its body."""

        def drip(connection: "_Connection", request: ReceivedRequest) -> bool:
            head, body = _head(200, {"Content-Length": "100000"}), b" " * 100_000
            if part == "body":
                connection.socket.sendall(head)
                head = b""
            return connection.drip(head + body, seconds)

        self._behave(drip, times)

    def resets(self, *, before: bool = True, times: int | None = None) -> None:
        """Reset the connection *before* any byte of the answer, or in its middle."""

        def reset(connection: "_Connection", request: ReceivedRequest) -> bool:
            if not before:
                connection.socket.sendall(Reply().encoded()[:-5])
            connection.reset()
            return False

        self._behave(reset, times)

    def cuts(self, *, times: int | None = None) -> None:
        """End the connection in good order before the body is whole."""

        def cut(connection: "_Connection", request: ReceivedRequest) -> bool:
            connection.socket.sendall(Reply().encoded()[:-5])
            return False

        self._behave(cut, times)

    def wrong_length(self, *, times: int | None = None) -> None:
        """Send more than Content-Length says, and keep the connection open."""
        body = jsonlib.dumps(_FINE).encode()
        headers = {"Content-Length": str(len(body))}
        rest = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"
        answer = _head(200, headers) + body + rest
        self._behave(lambda connection, request: connection.send_bytes(answer), times)

    def huge(
        self, megabytes: float, *, status: int = 200, times: int | None = None
    ) -> None:
        """Answer with a body of this size."""
        body = b'{"message": "' + b"x" * int(megabytes * 1024 * 1024) + b'"}'
        self._behave(_replies(Reply(status, body=body)), times)

    def says(self, answer: bytes, *, times: int | None = None) -> None:
        """Send these bytes instead of an answer, and end the connection."""

        def say(connection: "_Connection", request: ReceivedRequest) -> bool:
            connection.socket.sendall(answer)
            return False

        self._behave(say, times)

    def closes_idle(self) -> None:
        """End every connection that is open, as a server does with idle ones."""
        self._end_connections()

    def wait_for_requests(self, count: int, *, timeout_seconds: float = 10.0) -> None:
        """Return when *count* requests have arrived; raises TimeoutError."""
        with self._arrived:
            if not self._arrived.wait_for(
                lambda: len(self.requests) >= count, timeout_seconds
            ):
                raise TimeoutError(
                    f"{len(self.requests)} of {count} requests have arrived"
                )

    def close(self) -> None:
        """End everything."""
        self._stop_listening()
        self._end_connections()

    def _behave(self, behaviour: Behaviour, times: int | None = None) -> None:
        with self._lock:
            if times is None:
                self._lasting = behaviour
            else:
                self._few.extend([behaviour] * times)

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self._port = listener.getsockname()[1]
        self._listener = listener
        self._acceptor = threading.Thread(
            target=self._accept, args=(listener,), name="faulty-peer-accept"
        )
        self._acceptor.start()

    def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is None:
            return
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.opened += 1
                connection = _Connection(self, accepted, self.opened)
                self._connections.add(connection)
            connection.thread.start()

    def _end_connections(self) -> None:
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.end()
        for connection in connections:
            connection.thread.join()

    def _take(self, request: ReceivedRequest) -> Behaviour:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
            return self._few.popleft() if self._few else self._lasting

    def _forget(self, connection: "_Connection") -> None:
        with self._lock:
            self._connections.discard(connection)


class _Connection:
    """One connection, served by one thread."""

    def __init__(self, peer: FaultyPeer, accepted: socket.socket, number: int) -> None:
        self.peer = peer
        self.socket = accepted
        self.number = number
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"faulty-peer-{number}")

    def send(self, reply: Reply) -> bool:
        """Send a whole answer."""
        return self.send_bytes(reply.encoded())

    def send_bytes(self, answer: bytes) -> bool:
        """Send bytes and keep the connection."""
        self.socket.sendall(answer)
        return True

    def drip(self, answer: bytes, seconds: float) -> bool:
        """Send a byte every *seconds* until the caller has gone."""
        for byte in answer:
            self.socket.sendall(bytes([byte]))
            if self.ended.wait(seconds):
                break
        return False

    def wait_for_end(self) -> bool:
        """Say nothing until either side ends the connection."""
        self.socket.settimeout(_POLL_SECONDS)
        while not self.ended.is_set():
            with suppress(TimeoutError):
                if not self.socket.recv(65536):
                    break
        return False

    def reset(self) -> None:
        """End with a reset instead of a farewell."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def end(self) -> None:
        """End from another thread."""
        self.ended.set()
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        reader = self.socket.makefile("rb")
        try:
            while request := self._read(reader):
                if not self.peer._take(request)(self, request):
                    break
        except OSError:
            pass  # the caller has gone, which is its right
        finally:
            reader.close()
            self.socket.close()
            self.peer._forget(self)

    def _read(self, reader: object) -> ReceivedRequest | None:
        first = reader.readline()
        if not first:
            return None
        method, target, _ = first.decode("latin-1").split(" ", 2)
        headers = {}
        while line := reader.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
        return ReceivedRequest(method, target, headers, body, self.number)


def _replies(reply: Reply) -> Behaviour:
    return lambda connection, request: connection.send(reply)
