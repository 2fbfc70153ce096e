"""What the gateway does when services or clients fail."""

import json
import struct
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from socket import SO_LINGER, SOL_SOCKET, create_server

import pytest

from tests.security.running_gateway import (
    answer,
    answer_ok,
    free_port,
    read_answer,
    reset,
)

SAFE = ["GET", "HEAD", "OPTIONS"]
WRITES = ["POST", "PUT", "PATCH", "DELETE"]


def reset_once(handler):
    """Break the first connection, answer the requests after it."""
    handler.server.behaviour = answer_ok
    reset(handler)


@pytest.mark.parametrize("method", [*SAFE, *WRITES])
def test_a_service_that_is_away_is_a_problem_with_retry_after(start_gateway, method):
    gateway = start_gateway(COURSE_UPSTREAM=f"127.0.0.1:{free_port()}")

    away = gateway.ask(method, "/api/v1/courses")
    other = gateway.ask(method, "/api/v1/users/1")

    assert away.status == 502
    assert int(away.headers["Retry-After"]) > 0
    assert other.status == 200
    if method != "HEAD":
        assert away.problem["code"] == "service_unreachable"
        assert away.problem["status"] == 502
        assert "127.0.0.1" not in away.body.decode()


def test_the_log_names_the_method_of_a_request_that_failed(start_gateway):
    gateway = start_gateway(COURSE_UPSTREAM=f"127.0.0.1:{free_port()}")

    # The second answer on a connection comes after the line about the first.
    with gateway.connect() as connection:
        for request in (
            b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
            b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        ):
            connection.sendall(request)
            read_answer(connection)

    lines = map(json.loads, gateway.access_log.read_text().splitlines())
    [record] = [line for line in lines if line["path"] == "/api/v1/courses"]
    assert record["status"] == 502
    assert record["method"] == "POST"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_service_that_does_not_answer_is_a_timeout(start_gateway, method):
    gateway = start_gateway(
        times={
            "proxy_read_timeout 30s": "proxy_read_timeout 300ms",
            "proxy_next_upstream_timeout 20s": "proxy_next_upstream_timeout 200ms",
        }
    )
    release = threading.Event()
    gateway.behave(lambda handler: release.wait(10))

    late = gateway.ask(method, "/api/v1/courses")
    release.set()

    assert late.status == 504
    assert late.problem["code"] == "service_timeout"
    assert int(late.headers["Retry-After"]) > 0
    assert len(gateway.seen) == 1


@pytest.mark.parametrize("method", SAFE)
def test_a_safe_request_is_tried_once_more_on_another_connection(gateway, method):
    gateway.behave(reset_once)

    assert gateway.ask(method, "/api/v1/courses").status == 200
    assert [seen.method for seen in gateway.seen] == [method, method]


@pytest.mark.parametrize("method", SAFE)
def test_a_safe_request_is_tried_no_more_than_twice(gateway, method):
    gateway.behave(reset)

    assert gateway.ask(method, "/api/v1/courses").status == 502
    assert [seen.method for seen in gateway.seen] == [method, method]


@pytest.mark.parametrize("body", [b"", b"{}"])
@pytest.mark.parametrize("method", WRITES)
def test_a_write_that_was_sent_is_never_repeated(gateway, method, body):
    gateway.behave(reset_once)

    broken = gateway.ask(method, "/api/v1/courses", body=body)

    assert broken.status == 502
    assert broken.problem["code"] == "service_unreachable"
    assert [seen.method for seen in gateway.seen] == [method]


@pytest.mark.parametrize("method", WRITES)
def test_a_write_on_a_kept_connection_is_never_repeated(gateway, method):
    for _ in range(8):
        gateway.ask("GET", "/api/v1/courses")
    gateway.forget()
    gateway.behave(reset_once)

    broken = gateway.ask(method, "/api/v1/courses", body=b"{}")

    assert broken.status == 502
    assert [seen.method for seen in gateway.seen] == [method]


@pytest.mark.parametrize("method", [*SAFE, *WRITES])
def test_a_refused_connection_fails_over_at_once(start_gateway, method):
    gateway = start_gateway(instances=2)
    gone, stays = gateway.services["course"]
    gone.shutdown()
    gone.server_close()

    statuses = [
        gateway.ask(method, f"/api/v1/courses/{number}", body=b"{}").status
        for number in range(20)
    ]

    assert statuses == [200] * 20
    assert [seen.body for seen in stays.seen] == [b"{}"] * 20
    assert [seen.path for seen in stays.seen] == [
        f"/api/v1/courses/{number}" for number in range(20)
    ]


def test_instances_share_the_load(start_gateway):
    gateway = start_gateway(instances=2)

    for _ in range(40):
        gateway.ask("GET", "/api/v1/courses")

    first, second = (len(one.seen) for one in gateway.services["course"])
    assert first + second == 40
    assert min(first, second) >= 10


def test_connections_to_a_service_are_kept(gateway):
    opened = set()

    def remember(handler):
        opened.add(handler.client_address)
        answer_ok(handler)

    gateway.behave(remember)
    for _ in range(50):
        gateway.ask("POST", "/api/v1/courses", body=b"{}")

    assert len(gateway.seen) == 50
    assert len(opened) <= 4


@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_the_answer_of_a_service_passes_unchanged(gateway, method, status):
    body = b'{"code":"its_own"}'
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Retry-After", "17"),
        ("X-Trace-ID", "a" * 32),
        ("ETag", '"1"'),
    ]
    gateway.behave(lambda handler: answer(handler, status, body, headers))

    passed = gateway.ask(method, "/api/v1/courses")

    assert (passed.status, passed.body) == (status, body)
    assert passed.headers.get_all("Retry-After") == ["17"]
    assert passed.headers.get_all("X-Trace-ID") == ["a" * 32]
    assert passed.headers.get_all("ETag") == ['"1"']
    assert len(gateway.seen) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_failed_answers_do_not_take_a_service_out(gateway, status):
    gateway.behave(lambda handler: answer(handler, status))
    for _ in range(30):
        gateway.ask("GET", "/api/v1/courses")
    gateway.forget()

    assert {gateway.ask("GET", "/api/v1/courses").status for _ in range(20)} == {200}


def test_slow_answers_do_not_take_a_service_out(start_gateway):
    gateway = start_gateway(
        times={"proxy_read_timeout 30s": "proxy_read_timeout 200ms"}
    )
    release = threading.Event()
    gateway.behave(lambda handler: release.wait(10))
    with ThreadPoolExecutor(10) as clients:
        list(clients.map(lambda _: gateway.ask("GET", "/api/v1/courses"), range(10)))
    release.set()
    gateway.forget()

    assert {gateway.ask("GET", "/api/v1/courses").status for _ in range(20)} == {200}


def test_broken_connections_do_not_take_a_service_out(gateway):
    gateway.behave(reset)
    for _ in range(30):
        gateway.ask("GET", "/api/v1/courses")
    gateway.forget()

    assert {gateway.ask("GET", "/api/v1/courses").status for _ in range(20)} == {200}


def test_oversized_chunked_bodies_do_not_take_a_service_out(gateway):
    head = (
        b"POST /api/v1/courses HTTP/1.1\r\nHost: a.example\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    refused = {gateway.send(head + chunk * 17).status for _ in range(30)}

    assert refused == {413}
    assert gateway.seen == []
    assert {gateway.ask("GET", "/api/v1/courses").status for _ in range(20)} == {200}


def test_aborted_requests_do_not_take_a_service_out(gateway):
    arrived = threading.Semaphore(0)
    release = threading.Event()

    def hold(handler):
        arrived.release()
        release.wait(10)

    gateway.behave(hold)
    for _ in range(30):
        with gateway.connect() as connection:
            connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(b"GET /api/v1/courses HTTP/1.1\r\nHost: a\r\n\r\n")
            assert arrived.acquire(timeout=10)
    release.set()
    gateway.forget()

    assert {gateway.ask("GET", "/api/v1/courses").status for _ in range(20)} == {200}


def test_aborted_bodies_never_reach_a_service(gateway):
    for _ in range(30):
        with gateway.connect() as connection:
            connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(
                b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\n"
                b"Content-Length: 100\r\n\r\nhalf"
            )

    assert {gateway.ask("GET", "/api/v1/courses").status for _ in range(20)} == {200}
    assert {seen.method for seen in gateway.seen} == {"GET"}


def test_a_slow_body_is_cut_and_never_reaches_a_service(start_gateway):
    gateway = start_gateway(
        times={"client_body_timeout 30s": "client_body_timeout 500ms"}
    )

    with gateway.connect() as connection:
        connection.sendall(
            b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\n"
            b"Content-Length: 100\r\n\r\nhalf"
        )
        with pytest.raises(ConnectionError):
            read_answer(connection)

    assert gateway.seen == []


def test_slow_headers_are_cut(start_gateway):
    gateway = start_gateway(
        times={"client_header_timeout 10s": "client_header_timeout 500ms"}
    )

    with gateway.connect() as connection:
        connection.sendall(b"GET /api/v1/courses HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        with pytest.raises(ConnectionError):
            read_answer(connection)

    assert gateway.seen == []


def test_a_service_that_accepts_nothing_costs_a_third_of_a_second(start_gateway):
    with create_server(("127.0.0.1", 0), backlog=0) as full:
        fill = full.getsockname()
        gateway = start_gateway(COURSE_UPSTREAM=f"127.0.0.1:{fill[1]}")
        command = [
            "import socket, sys",
            f"held = [socket.socket() for _ in range(4)]; address = {fill!r}",
            "[(one.setblocking(False), one.connect_ex(address)) for one in held]",
            "print('full', flush=True); sys.stdin.read()",
        ]
        with subprocess.Popen(
            ["python3", "-c", "\n".join(command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as filler:
            assert filler.stdout.readline() == b"full\n"
            late = gateway.ask("PUT", "/api/v1/courses")
            filler.stdin.close()

    assert late.status == 504
    assert late.problem["code"] == "service_timeout"
