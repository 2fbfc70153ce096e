"""Which headers pass the gateway, in both directions."""

import json
import re

import pytest

from tests.security.running_gateway import read_answer

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
# What a service sees of a request that has no header but Host.
ALWAYS = {
    "forwarded",
    "host",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-trace-id",
}
PASSING = {
    "Authorization": "Bearer token",
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Language": "vi",
    "User-Agent": "browser/1.0",
    "If-None-Match": '"etag"',
    "Last-Event-ID": "17",
    "Origin": "https://learn.example",
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization",
    "traceparent": TRACEPARENT,
}
STOPPED = [
    "X-Internal-API-Key",
    "x-internal-api-key",
    "X_Internal_API_Key",
    "X-On-Behalf-Of",
    "X-User-Id",
    "X-User-Role",
    "X-User-Email",
    "Remote-User",
    "REMOTE_USER",
    "SCRIPT_NAME",
    "Script-Name",
    "PATH_INFO",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "X-Method-Override",
    "X-Request-Timeout-Ms",
    "Idempotency-Key",
    "X-Real-IP",
    "X-Client-IP",
    "X-Forwarded-Port",
    "X-Forwarded-Server",
    "X-Forwarded-Ssl",
    "X-Forwarded-User",
    "X-Script-Name",
    "Cookie",
    "Via",
    "Upgrade",
    "Proxy",
    "Proxy-Authorization",
    "tracestate",
    "baggage",
    "X-Anything",
]


def names_seen(gateway):
    [seen] = gateway.seen
    return {name.lower() for name in seen.headers}


def test_a_bare_request_arrives_with_the_headers_of_the_gateway_only(gateway):
    gateway.ask("GET", "/api/v1/courses")

    assert names_seen(gateway) == ALWAYS


@pytest.mark.parametrize(("name", "value"), PASSING.items())
def test_a_listed_header_passes_unchanged(gateway, name, value):
    gateway.ask("GET", "/api/v1/courses", [(name, value)])

    [seen] = gateway.seen
    assert seen.headers.get_all(name) == [value]
    assert names_seen(gateway) == ALWAYS | {name.lower()}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("name", STOPPED)
def test_any_other_header_is_dropped(gateway, method, name):
    answer = gateway.ask(method, "/api/v1/auth/login", [(name, "smuggled")], b"{}")

    [seen] = gateway.seen
    assert answer.status == 200
    assert "smuggled" not in str(seen.headers)
    assert names_seen(gateway) == ALWAYS | {"content-length"}


def test_a_header_named_by_connection_is_not_taken_away(gateway):
    gateway.send(
        b"GET /api/v1/courses HTTP/1.1\r\nHost: a.example\r\n"
        b"Connection: close, Authorization, X-Forwarded-For\r\n"
        b"Authorization: Bearer token\r\n\r\n"
    )

    [seen] = gateway.seen
    assert seen.headers["Authorization"] == "Bearer token"
    assert seen.headers["X-Forwarded-For"] == "127.0.0.1"
    assert "Connection" not in seen.headers


def test_what_the_client_says_about_itself_is_overwritten(gateway):
    gateway.ask(
        "GET",
        "/api/v1/courses",
        [
            ("X-Forwarded-For", "6.6.6.6"),
            ("X-Forwarded-For", "7.7.7.7"),
            ("X-Forwarded-Host", "evil.example"),
            ("X-Forwarded-Proto", "https"),
            ("Forwarded", "for=6.6.6.6;host=evil.example"),
        ],
    )

    [seen] = gateway.seen
    host = f"127.0.0.1:{gateway.port}"
    assert seen.headers.get_all("Host") == [host]
    assert seen.headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert seen.headers.get_all("X-Forwarded-Host") == [host]
    assert seen.headers.get_all("X-Forwarded-Proto") == ["http"]
    assert seen.headers.get_all("Forwarded") == [
        f'for=127.0.0.1;host="{host}";proto=http'
    ]


def test_a_request_without_a_host_gets_one(gateway):
    gateway.send(b"GET /api/v1/courses HTTP/1.0\r\n\r\n")

    [seen] = gateway.seen
    assert seen.headers.get_all("Host") == ["localhost"]


@pytest.mark.parametrize(
    ("accept", "arrives"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("TEXT/HTML", "application/json"),
        ("application/json", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("*/*", "*/*"),
    ],
)
def test_html_can_only_be_asked_for_on_the_certificate_page(gateway, accept, arrives):
    gateway.ask("GET", "/api/v1/courses", [("Accept", accept)])
    gateway.ask("GET", "/api/v1/certificates/AB-12", [("Accept", accept)])

    assert {seen.path: seen.headers["Accept"] for seen in gateway.seen} == {
        "/api/v1/courses": arrives,
        "/api/v1/certificates/AB-12": accept,
    }


@pytest.mark.parametrize(
    ("headers", "trace_id"),
    [
        ([("X-Trace-ID", TRACE_ID)], TRACE_ID),
        ([("X-Trace-ID", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736")], TRACE_ID),
        ([("traceparent", TRACEPARENT)], TRACE_ID),
        ([("traceparent", TRACEPARENT), ("X-Trace-ID", "a" * 32)], TRACE_ID),
        ([("traceparent", "odd"), ("X-Trace-ID", TRACE_ID)], TRACE_ID),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/courses", "/nowhere", "/health", "/%2f"])
def test_a_trace_id_is_kept(gateway, path, headers, trace_id):
    answer = gateway.ask("GET", path, headers)

    assert answer.headers.get_all("X-Trace-ID") == [trace_id]
    assert [seen.headers["X-Trace-ID"] for seen in gateway.seen] in ([], [trace_id])


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Trace-ID", "0" * 32)],
        [("X-Trace-ID", "00000000-0000-0000-0000-000000000000")],
        [("X-Trace-ID", "short")],
        [("X-Trace-ID", TRACE_ID + '"}')],
        [("X-Trace-ID", TRACE_ID), ("X-Trace-ID", TRACE_ID)],
        [("traceparent", f"00-{'0' * 32}-00f067aa0ba902b7-01")],
        [("traceparent", f"00-{TRACE_ID}-{'0' * 16}-01")],
        [("traceparent", f"ff-{TRACE_ID}-00f067aa0ba902b7-01")],
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/courses", "/nowhere", "/health", "/%2f"])
def test_a_missing_or_odd_trace_id_is_replaced(gateway, path, headers):
    answer = gateway.ask("GET", path, headers)

    [trace_id] = answer.headers.get_all("X-Trace-ID")
    assert re.fullmatch("[0-9a-f]{32}", trace_id)
    assert trace_id not in (TRACE_ID, "0" * 32)
    for seen in gateway.seen:
        assert seen.headers["X-Trace-ID"] == trace_id
        assert "traceparent" not in seen.headers


def test_two_requests_get_two_trace_ids(gateway):
    first = gateway.ask("GET", "/nowhere")
    second = gateway.ask("GET", "/nowhere")

    assert first.headers["X-Trace-ID"] != second.headers["X-Trace-ID"]
    assert first.problem["trace_id"] == first.headers["X-Trace-ID"]


def test_the_access_log_is_json_without_the_query_or_the_key(gateway):
    logged = (
        b'GET /api/v1/courses/logged?ticket=secret" HTTP/1.1\r\nHost: a\r\n'
        b"X-Trace-ID: %b\r\nX-Internal-API-Key: ik_secret\r\n\r\n"
    ) % TRACE_ID.encode()

    # The second answer on a connection comes after the line about the first.
    with gateway.connect() as connection:
        for request in (logged, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"):
            connection.sendall(request)
            assert read_answer(connection).status == 200

    lines = gateway.access_log.read_text().splitlines()
    [line] = [line for line in lines if "/logged" in line]
    record = json.loads(line)
    assert "secret" not in line
    assert record["service"] == "gateway"
    assert record["path"] == "/api/v1/courses/logged"
    assert record["trace_id"] == TRACE_ID
    assert record["status"] == 200
    assert record["target"] == "course"
    assert record["duration_ms"] < 10_000
    assert all(isinstance(json.loads(line)["status"], int) for line in lines)
