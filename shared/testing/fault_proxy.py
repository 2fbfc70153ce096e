"""A proxy between two real processes that spoils what passes, as a test says.

A faulty peer never acts on a request. Here the service behind it may have acted before
its answer is lost, which is what makes "may it have happened?" a question.
"""

import socket
from collections.abc import Callable

from .faulty_peer import FaultyPeer, ReceivedRequest, _Connection

_PATIENCE_SECONDS = 60.0
_FLOOD = b"x" * 65536
_LENGTH = b"content-length:"

Spoil = Callable[["_Connection", bytes], bool]


class FaultProxy(FaultyPeer):
    """Stands at an address of its own before the service at *upstream_port*.

    From a faulty peer it has what happens before a request is passed on: ``down``,
    ``hangs``, ``resets``. Its own faults let the service act first. Every one is for
    all requests that follow, until :meth:`passes` ends it.
    """

    def __init__(self, upstream_port: int = 0) -> None:
        super().__init__()
        self.upstream_port = upstream_port
        self.passes()

    def __enter__(self) -> "FaultProxy":
        self._listen()
        return self

    def passes(self, *, after_seconds: float = 0.0) -> None:
        """Pass everything on, each answer *after_seconds*."""

        def pass_on(connection: _Connection, answer: bytes) -> bool:
            if after_seconds and connection.ended.wait(after_seconds):
                return False
            return connection.send_bytes(answer)

        self._spoil(pass_on)
        if self._port and self._listener is None:
            self._listen()

    def resets_after(self) -> None:
        """Reset the connection when the service has answered."""

        def reset(connection: _Connection, answer: bytes) -> bool:
            connection.reset()
            return False

        self._spoil(reset)

    def cuts_answers(self) -> None:
        """End the connection in good order within the body of the answer."""

        def cut(connection: _Connection, answer: bytes) -> bool:
            connection.socket.sendall(answer[:-5])
            return False

        self._spoil(cut)

    def drips_answers(self, seconds: float, *, part: str) -> None:
        """Send one byte every *seconds*: of the whole answer, or of its body."""

        def drip(connection: _Connection, answer: bytes) -> bool:
            head = answer.index(b"\r\n\r\n") + 4 if part == "body" else 0
            connection.socket.sendall(answer[:head])
            return connection.drip(answer[head:], seconds)

        self._spoil(drip)

    def lies_about_length(self, by: int) -> None:
        """Claim that the body is *by* bytes longer, or shorter, than it is."""

        def lie(connection: _Connection, answer: bytes) -> bool:
            head, _, body = answer.partition(b"\r\n\r\n")
            lines = _without(head, _LENGTH)
            lines.append(b"Content-Length: %d" % (len(body) + by))
            return connection.send_bytes(b"\r\n".join([*lines, b"", body]))

        self._spoil(lie)

    def floods(self) -> None:
        """Send a body that never ends."""

        def flood(connection: _Connection, answer: bytes) -> bool:
            status_line = answer.partition(b"\r\n")[0]
            connection.socket.sendall(status_line + b"\r\n\r\n")
            while not connection.ended.is_set():
                connection.socket.sendall(_FLOOD)
            return False

        self._spoil(flood)

    def goes_stale(self) -> None:
        """Reset a connection that has served before: its request is not passed on."""

        def once(connection: _Connection, request: ReceivedRequest) -> bool:
            if self._has_served(connection):
                connection.reset()
                return False
            return connection.send_bytes(self._ask_upstream(request))

        self._behave(once)

    def _has_served(self, connection: _Connection) -> bool:
        served = sum(one.connection == connection.number for one in self.requests)
        return served > 1  # the request in hand is among them

    def _spoil(self, spoil: Spoil) -> None:
        self._behave(
            lambda connection, request: spoil(connection, self._ask_upstream(request))
        )

    def _ask_upstream(self, request: ReceivedRequest) -> bytes:
        """Return the whole answer; an OSError ends the connection to the caller."""
        address = ("127.0.0.1", self.upstream_port)
        with socket.create_connection(address, _PATIENCE_SECONDS) as upstream:
            upstream.sendall(_encoded(request))
            with upstream.makefile("rb") as reader:
                answer = reader.read()
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = _without(head, b"connection:")
        return b"\r\n".join([*lines, b"", body])


def _encoded(request: ReceivedRequest) -> bytes:
    # One connection per request: its end is the end of the answer.
    headers = {**request.headers, "connection": "close"}
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def _without(head: bytes, name: bytes) -> list[bytes]:
    return [line for line in head.split(b"\r\n") if not line.lower().startswith(name)]
