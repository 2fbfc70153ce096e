"""Peers that fail in their own ways, at the address of a service."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DRIP_SECONDS = 0.5
_HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
_WHOLE_HEAD = _HEAD + b"Content-Length: 4000\r\n\r\n"


class DrippingPeer:
    """Answers one byte per half second, for as long as anybody listens.

    *prompt* is what it says at once: nothing, or a whole head before a slow body.
    """

    def __init__(self, port: int, prompt: bytes) -> None:
        self.asked = 0
        self._prompt = prompt
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._listener.settimeout(0.1)
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        """Hang up on everybody and free the address."""
        self._over.set()
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._drip, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _drip(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            if not connection.recv(65536):
                return
            self.asked += 1
            connection.sendall(self._prompt)
            rest = (_HEAD + b"X-Slow: " + b"y" * 4000)[len(self._prompt) :]
            for byte in rest:
                if self._over.wait(DRIP_SECONDS):
                    return
                connection.sendall(bytes([byte]))


@contextmanager
def dripping_peer(port: int, *, part: str) -> Iterator[DrippingPeer]:
    """Listen at *port*; the *part* that drips is the "head" or the "body"."""
    peer = DrippingPeer(port, {"head": b"", "body": _WHOLE_HEAD}[part])
    try:
        yield peer
    finally:
        peer.close()


class _Refusing(BaseHTTPRequestHandler):
    """Refuses for good, as a release with another contract would."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        problem = {
            "type": "about:blank",
            "title": "Unprocessable Content",
            "status": 422,
            "detail": "The level is missing.",
            "code": "level_missing",
        }
        body = json.dumps(problem).encode()
        self.send_response(422)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def refusing_peer(port: int) -> Iterator[None]:
    """Listen at *port* and refuse every request with 422 ``level_missing``."""
    with ThreadingHTTPServer(("127.0.0.1", port), _Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
