"""A peer that answers 201 at once, in a process of its own: the least there can be."""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

_BODY = (
    b'{"success":true,"message":"created",'
    b'"user_id":"01a200b7-70a2-7383-9674-9a8c1f013761","created":true}'
)
_ANSWER = (
    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)


def main() -> None:
    """Print the port, then answer until standard input ends."""
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    threading.Thread(target=_accept, args=(server,), daemon=True).start()
    sys.stdin.read()


def _accept(server: socket.socket) -> None:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    waiting = b""
    with contextlib.suppress(OSError), connection:
        while received := connection.recv(65536):
            waiting += received
            while (end := _end_of_request(waiting)) is not None:
                waiting = waiting[end:]
                connection.sendall(_ANSWER)


def _end_of_request(text: bytes) -> int | None:
    head, found, _ = text.partition(b"\r\n\r\n")
    if not found:
        return None
    _, _, rest = head.lower().partition(b"content-length:")
    length = int(rest.split(b"\r\n")[0]) if rest else 0
    end = len(head) + 4 + length
    return end if len(text) >= end else None


@contextlib.contextmanager
def trivial_peer() -> Iterator[str]:
    """Run the peer and give its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.peer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.communicate("")


if __name__ == "__main__":
    main()
