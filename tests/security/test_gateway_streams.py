"""The one path that goes to the stream process, and how it goes there."""

import json
import threading

import pytest

from tests.security.running_gateway import read_answer

STREAM = "/api/v1/notifications/stream"
EVENT = b"event: notice\ndata: {}\n\n"


def seen_by(gateway):
    return [seen.service for seen in gateway.seen]


@pytest.mark.parametrize("path", [STREAM, "/api/v1/notifications/%73tream"])
def test_the_path_of_streams_goes_to_their_process(gateway, path):
    gateway.ask("GET", f"{path}?ticket=a&last_event_id=3", [("Last-Event-ID", "4")])

    [seen] = gateway.seen
    assert seen.service == "notification_stream"
    assert seen.path == f"{path}?ticket=a&last_event_id=3"
    assert seen.headers["Last-Event-ID"] == "4"


@pytest.mark.parametrize(
    "path",
    [
        f"{STREAM}-tickets",
        f"{STREAM}/",
        f"{STREAM}/1",
        f"{STREAM}s",
        "/api/v1/notifications",
        "/api/v1/notifications/STREAM",
    ],
)
def test_every_other_path_stays_where_it_was(gateway, path):
    gateway.ask("GET", path)

    assert seen_by(gateway) == ["notification"]


def test_whether_another_origin_may_read_is_asked_of_django(gateway):
    gateway.ask("OPTIONS", STREAM)

    assert seen_by(gateway) == ["notification"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_to_a_stream_is_sent_once(gateway, method):
    gateway.ask(method, STREAM, body=b"{}")

    assert seen_by(gateway) == ["notification_stream"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/notifications/internal/../stream", 404),
        ("GET", "/api/v1/notifications/./stream", 400),
        ("GET", "/api/v1//notifications/stream", 404),
        ("GET", f"{STREAM}?{'a' * 4096}", 414),
        ("TRACE", STREAM, 405),
    ],
)
def test_what_is_refused_elsewhere_is_refused_here(gateway, method, path, status):
    answer = gateway.ask(method, path)

    assert answer.status == status
    assert answer.problem["status"] == status
    assert gateway.seen == []


@pytest.mark.parametrize(
    "name", ["X-Internal-API-Key", "X-On-Behalf-Of", "Cookie", "X-User-Id"]
)
def test_no_other_header_reaches_a_stream(gateway, name):
    gateway.ask("GET", STREAM, [(name, "smuggled")])

    [seen] = gateway.seen
    assert "smuggled" not in str(seen.headers)
    assert seen.headers["X-Forwarded-For"] == "127.0.0.1"


def test_an_event_goes_on_before_the_next_one_is_there(gateway):
    may_end = threading.Event()

    def stream(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        handler.wfile.write(EVENT)
        handler.wfile.flush()
        may_end.wait(10)

    gateway.behave(stream)
    with gateway.connect() as connection:
        connection.sendall(f"GET {STREAM} HTTP/1.0\r\n\r\n".encode())
        arrived = b""
        while EVENT not in arrived:
            part = connection.recv(65536)
            assert part, arrived
            arrived += part
        is_still_open = not may_end.is_set()
        may_end.set()

    assert is_still_open


def test_a_stream_process_that_is_away_is_a_problem_without_the_ticket(start_gateway):
    gateway = start_gateway(NOTIFICATION_STREAM_UPSTREAM="127.0.0.1:1")

    # The second answer on a connection comes after the line about the first.
    with gateway.connect() as connection:
        connection.sendall(
            f"GET {STREAM}?ticket=secret HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        )
        answer = read_answer(connection)
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_answer(connection).status == 200

    assert answer.status == 502
    assert answer.problem["code"] == "service_unreachable"
    assert answer.headers["Retry-After"] == "5"
    [record] = map(json.loads, gateway.access_log.read_text().splitlines())
    assert record["path"] == STREAM
    assert record["target"] == "notification_stream"
    # Neither is it in what nginx says about its upstreams.
    logs = [path.read_text() for path in gateway.access_log.parent.glob("*.log")]
    assert len(logs) == 2
    assert [text for text in logs if "secret" in text] == []
