"""A real gunicorn with the configuration of stream processes, told to end."""

import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Streams until it is told to stop; without that, it would for ever.
APPLICATION = """
import asyncio, resource
stopped = asyncio.Event()

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        scope["state"]["stop"] = stopped.set
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    files = str(resource.getrlimit(resource.RLIMIT_NOFILE)[0]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": files + b"|", "more_body": True})
    await stopped.wait()
    await send({"type": "http.response.body", "body": b"the end"})
"""
PATIENCE_SECONDS = 20


@contextmanager
def reading(port):
    """Open a stream; give a function that reads until the answer holds something."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as client:
        client.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
        answer = b""

        def until(wanted):
            nonlocal answer
            while wanted not in answer:
                part = client.recv(65536)
                assert part, f"cut off after {answer!r}"
                answer += part
            return answer

        yield until


@pytest.fixture
def server(tmp_path):
    """Give the process and the port of a gunicorn that listens."""
    (tmp_path / "tiny.py").write_text(APPLICATION)
    web_metrics = tmp_path / "var" / "notification" / "metrics"
    web_metrics.mkdir(parents=True)
    (web_metrics / "counter_1.db").write_text("of the web process")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {
        "PATH": os.defpath,
        "SERVICE": "notification",
        "NOTIFICATION_STREAM_PORT": str(port),
        "PLATFORM_VAR": str(tmp_path / "var"),
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
    }
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn"),
            *("-c", str(ROOT / "shared" / "gunicorn_asgi.py")),
            *("--pythonpath", str(tmp_path), "tiny"),
        ],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if "ASGI server listening" in line:
            break
    yield process, port
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE_SECONDS)


def test_a_process_that_is_told_to_end_ends_its_streams_first(server):
    process, port = server

    with reading(port) as until:
        until(b"\r\n\r\n")
        process.send_signal(signal.SIGTERM)
        until(b"the end")

    assert process.wait(PATIENCE_SECONDS) == 0


def test_after_a_reload_the_next_worker_takes_new_streams(server):
    process, port = server

    with reading(port) as until:
        until(b"\r\n\r\n")
        process.send_signal(signal.SIGHUP)
        until(b"the end")
    with reading(port) as until:
        answer = until(b"\r\n\r\n")

    assert answer.split()[1] == b"200"
    assert b"the end" not in answer


def test_it_may_open_as_many_files_as_the_system_allows(server):
    _, port = server
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)

    with reading(port) as until:
        _, _, files = until(b"|").partition(b"\r\n\r\n")

    wanted = 16384 if most == resource.RLIM_INFINITY else min(most, 16384)
    assert int(files.removesuffix(b"|")) >= wanted


def test_the_counters_of_the_web_process_stay(server, tmp_path):
    folder = tmp_path / "var" / "notification"

    assert (folder / "metrics" / "counter_1.db").exists()
    assert (folder / "stream_metrics").is_dir()
