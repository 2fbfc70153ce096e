"""What a request costs its server: CPU per request of the serving process."""

import contextlib
import http.client
import io
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import django

from .rows import Row, print_rows
from .timing import cpu_microseconds

REQUESTS, ROUNDS = 800, 5
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print the rows."""
    django.setup()
    from django.core.management import call_command

    from shared.peers.issuing import issue_key
    from shared.wire.ids import uuid7

    call_command("migrate", verbosity=0)
    key = issue_key("exercise", note="bench")
    body = json.dumps(
        {
            "user_id": str(uuid7()),
            "skill": "reading",
            "score_percent": 75.0,
            "band": 7.0,
            "time_minutes": 60,
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Internal-API-Key": key,
        "X-Request-Timeout-Ms": "2000",
    }
    gunicorn = ["gunicorn", "-c", "shared/gunicorn.py", "bench.served_wsgi"]
    uvicorn = ["uvicorn", "bench.fastapi_app:app", "--no-access-log", "--log-level"]
    with _server(gunicorn) as ours, _server([*uvicorn, "warning"]) as rival:
        cpu = {"contract": [], "rest": [], "fastapi": []}
        paths = {
            "contract": (ours, "/api/v1/user/internal/bench"),
            "rest": (ours, "/api/v1/user/rest"),
            "fastapi": (rival, "/api/v1/user/fastapi"),
        }
        for _ in range(ROUNDS):
            for name, (server, path) in paths.items():
                cpu[name].append(_cpu_per_request(server, path, body, headers))
    medians = {name: statistics.median(values) for name, values in cpu.items()}
    print_rows(
        [
            _in_process(paths["contract"][1], paths["rest"][1], body, headers),
            Row("internal endpoint under gunicorn", medians["contract"], "µs"),
            Row(
                "the same, both under gunicorn",
                medians["contract"] / medians["rest"],
                "ratio",
                note=f"{medians['rest']:.0f} µs",
            ),
            Row(
                "internal endpoint under gunicorn against FastAPI under uvicorn",
                medians["contract"] / medians["fastapi"],
                "ratio",
                note=f"{medians['fastapi']:.0f} µs",
            ),
        ]
    )


def _in_process(contract: str, rest: str, body: bytes, headers: dict[str, str]) -> Row:
    """Compare what the application adds to the server, whichever that is."""
    from .served_wsgi import application

    def post(path: str) -> None:
        statuses: list[str] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": headers["Content-Type"],
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        environ |= {
            "HTTP_" + name.upper().replace("-", "_"): value
            for name, value in headers.items()
            if name != "Content-Type"
        }
        answer = application(environ, lambda status, *_: statuses.append(status))
        b"".join(answer)
        answer.close()
        if not statuses[0].startswith("200"):
            raise SystemExit(f"{path} answered {statuses[0]}")

    cpu = cpu_microseconds(
        {"contract": lambda: post(contract), "rest": lambda: post(rest)},
        calls=REQUESTS,
        rounds=ROUNDS,
    )
    return Row(
        "internal endpoint against DRF `APIView` + `Serializer`, CPU per request",
        cpu["contract"] / cpu["rest"],
        "ratio",
        0.45,
        note=f"in the application: {cpu['contract']:.0f} and {cpu['rest']:.0f} µs",
    )


@contextlib.contextmanager
def _server(command: list[str]) -> Iterator[tuple[int, int]]:
    """Run a server on a free port; give the port and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    command = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    environment = os.environ | {"USER_PORT": str(port)}
    if "uvicorn" in command[0]:
        command += ["--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=sys.stderr)
    try:
        _wait_until_live(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_live(port: int) -> None:
    for _ in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        with contextlib.suppress(OSError), contextlib.closing(connection):
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise SystemExit("a server of the benchmark did not start")


def _cpu_per_request(
    server: tuple[int, int], path: str, body: bytes, headers: dict[str, str]
) -> float:
    port, pid = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection):
        for _ in range(50):
            _post(connection, path, body, headers)
        before = _cpu_seconds(pid)
        for _ in range(REQUESTS):
            _post(connection, path, body, headers)
        return (_cpu_seconds(pid) - before) / REQUESTS * 1e6


def _post(
    connection: http.client.HTTPConnection,
    path: str,
    body: bytes,
    headers: dict[str, str],
) -> None:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{path} answered {answer.status}")


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of its children that live."""
    total = 0.0
    for process in [pid, *_children(pid)]:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


if __name__ == "__main__":
    main()
