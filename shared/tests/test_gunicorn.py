"""A real gunicorn with the platform's configuration, spoken to by socket."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPLICATION = """
def application(environ, start_response):
    if environ["PATH_INFO"] == "/boom":
        raise ValueError("a secret reason")
    if environ["PATH_INFO"] == "/bad-header":
        start_response("200 OK", [("X-Split", "one\\r\\ntwo")])
        return [b""]
    answer = "|".join([environ["SCRIPT_NAME"], environ["PATH_INFO"]]).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
"""


class Server:
    """One gunicorn, and a way to say exactly what a client says to it."""

    def __init__(self, port, metrics):
        self.port = port
        self.metrics = metrics

    def send(self, request):
        """Send *request* as it is; return the status line, headers and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as client:
            client.sendall(request)
            answer = b""
            while part := client.recv(65536):
                answer += part
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return status, headers, body

    def get(self, target, *headers):
        """Send one well-formed GET."""
        lines = [f"GET {target} HTTP/1.1", "Host: test", "Connection: close", *headers]
        return self.send("\r\n".join([*lines, "", ""]).encode())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gunicorn")
    (folder / "tiny.py").write_text(APPLICATION)
    metrics = folder / "var" / "user" / "metrics"
    metrics.mkdir(parents=True)
    (metrics / "counter_1.db").write_text("of an earlier run")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {
        "PATH": os.defpath,
        "SERVICE": "user",
        "USER_PORT": str(port),
        "PLATFORM_VAR": str(folder / "var"),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
    }
    configuration = str(ROOT / "shared" / "gunicorn.py")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "-c", configuration),
            *("--pythonpath", str(folder), "tiny"),
        ],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        started = []
        for line in process.stderr:
            started.append(json.loads(line))
            if "Listening at" in line:
                break
        assert process.poll() is None, started
        yield Server(port, metrics)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"GARBAGE\r\n\r\n", 400, "malformed_request"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "malformed_request"),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400, "malformed_request"),
        (
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: test\r\n\r\n",
            414,
            "uri_too_long",
        ),
        (
            b"GET / HTTP/1.1\r\nHost: test\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n",
            431,
            "headers_too_large",
        ),
        (
            b"GET / HTTP/1.1\r\nHost: test\r\n"
            + b"".join(b"X-%d: a\r\n" % number for number in range(101))
            + b"\r\n",
            431,
            "headers_too_large",
        ),
        (
            b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: snail\r\n\r\n",
            501,
            "transfer_coding_unsupported",
        ),
    ],
)
def test_what_gunicorn_refuses_is_a_problem(server, request_bytes, status, code):
    status_line, headers, body = server.send(request_bytes)

    assert status_line.split()[1] == str(status)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    document = json.loads(body)
    assert document["code"] == code
    assert document["status"] == status
    assert document["trace_id"] == headers["x-trace-id"]
    assert set(document) == {"type", "title", "status", "detail", "code", "trace_id"}


@pytest.mark.parametrize("path", ["/boom", "/bad-header"])
def test_what_breaks_outside_django_is_a_problem_without_its_reason(server, path):
    status_line, headers, body = server.get(path)

    assert status_line.split()[1] == "500"
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["code"] == "internal_error"
    assert b"secret" not in body


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO", "Script-Name"])
def test_a_header_does_not_decide_what_is_routed(server, name):
    status_line, _, body = server.get("/asked", f"{name}: /api/v1/user/internal")

    assert status_line.split()[1] == "200"
    assert body == b"|/asked"


def test_a_connection_is_kept_for_the_next_request(server):
    request = b"GET /again HTTP/1.1\r\nHost: test\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        for _ in range(3):
            client.sendall(request)
            answer = b""
            while not answer.endswith(b"|/again"):
                part = client.recv(65536)
                assert part, "the server closed the connection"
                answer += part

    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_the_counters_of_an_earlier_run_are_gone(server):
    server.get("/asked")

    assert server.metrics.is_dir()
    assert not (server.metrics / "counter_1.db").exists()
