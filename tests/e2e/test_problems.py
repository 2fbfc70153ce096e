"""Every refusal is a problem document, on every port; the gateway has no HTML."""

import json
import socket

import pytest

from ops.platform import SERVICES
from tests.asking import PROBLEM, ask, problem_of
from tests.internal_calls import DOORS, key_of, knock
from tests.people import register

ALL = pytest.mark.parametrize("service", SERVICES)
PORTS = pytest.mark.parametrize("port", [*SERVICES, "gateway"])
# A write of each service that has a door for people, and what it takes.
WRITES = {
    "auth": ("POST", "/api/v1/auth/login"),
    "user": ("PATCH", "/api/v1/user/profile"),
    "notification": ("PATCH", "/api/v1/notifications/preferences"),
}
WRITING = pytest.mark.parametrize("service", WRITES)
PUBLIC_PREFIXES = {
    "auth": "/api/v1/auth",
    "user": "/api/v1/user",
    "course": "/api/v1/courses",
    "exercise": "/api/v1/exercises",
    "notification": "/api/v1/notifications",
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def url_of(fleet, port):
    return fleet.gateway_url if port == "gateway" else fleet.url(port)


@PORTS
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_an_unknown_path_is_a_problem(fleet, port, accept):
    response = ask(
        "GET", f"{url_of(fleet, port)}/api/v1/nothing", headers={"Accept": accept}
    )

    assert problem_of(response, 404)["code"] == "route_not_found"


@ALL
def test_a_wrong_method_is_a_problem(fleet, service):
    response = ask("DELETE", f"{fleet.url(service)}/health/live")

    assert problem_of(response, 405)["code"] == "method_not_allowed"
    assert "GET" in response.headers["Allow"]


@WRITING
@pytest.mark.parametrize("through", ["service", "gateway"])
def test_a_wrong_method_at_a_door_for_people_is_a_problem(fleet, service, through):
    _, path = WRITES[service]
    url = fleet.url(service) if through == "service" else fleet.gateway_url
    token = register(fleet).access_token

    response = ask("DELETE", url + path, token=token)

    assert problem_of(response, 405)["code"] == "method_not_allowed"
    assert response.headers["Allow"]


@WRITING
@pytest.mark.parametrize("through", ["service", "gateway"])
@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b'{"\\ud800": 1}', "application/json", 400),
        (b'{"\\u0000": 1}', "application/json", 400),
        (b"[]", "application/json", 400),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "text/xml", 415),
        (b'"' + b"x" * (1024 * 1024) + b'"', "application/json", 413),
    ],
    ids=[
        "cut",
        "no UTF-8",
        "deep",
        "twice the same key",
        "surrogate",
        "NUL",
        "list",
        "form",
        "XML",
        "too large",
    ],
)
def test_a_body_that_cannot_be_taken_is_a_problem(
    fleet, signed_in, service, through, data, content_type, status
):
    method, path = WRITES[service]
    url = fleet.url(service) if through == "service" else fleet.gateway_url

    response = ask(
        method,
        url + path,
        data=data,
        headers={"Content-Type": content_type},
        token=signed_in.access_token,
    )

    problem_of(response, status)


@pytest.fixture(scope="module")
def signed_in(session_fleet):
    return register(session_fleet)


@PORTS
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", (400, 505)),
        (b"GARBAGE\r\n\r\n", (400,)),
        (
            b"GET /%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            (400, 404),
        ),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", (400,)),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", (414,)),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 80_000 + b"\r\n\r\n", (431,)),
        (
            b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
            (400, 404),
        ),
    ],
    ids=["version", "garbage", "NUL", "odd host", "long line", "long header", "host"],
)
def test_what_the_server_itself_refuses_is_a_problem(fleet, port, request_, status):
    address = url_of(fleet, port).removeprefix("http://").split(":")

    head, body = exchange((address[0], int(address[1])), request_)

    assert int(head.split()[1]) in status, head
    assert f"content-type: {PROBLEM}" in head.lower()
    problem = json.loads(body)
    assert problem["status"] == int(head.split()[1])
    assert len(problem["trace_id"]) == 32


def exchange(address, request):
    """Send these bytes; return head and body of the answer."""
    with socket.create_connection(address, 10) as connection:
        connection.sendall(request)
        answer = connection.makefile("rb")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = answer.readline()
            assert line, f"the connection was closed after {head!r}"
            head += line
        text = head.decode("latin-1")
        length = int(text.lower().split("content-length:")[1].split()[0])
        return text, answer.read(length)


@ALL
def test_the_gateway_speaks_json_to_browsers_too(fleet, service):
    prefix = PUBLIC_PREFIXES[service]
    token = register(fleet).access_token
    paths = [
        prefix,
        f"{prefix}/",
        f"{prefix}/nothing",
        f"{prefix}?format=api",
        f"{prefix}?page=0",
        f"{prefix}%20",
    ]

    answers = [
        ask(method, fleet.gateway_url + path, headers=BROWSER, token=token)
        for path in paths
        for method in ("GET", "POST", "OPTIONS")
    ]

    types = {answer.headers.get("Content-Type", "") for answer in answers}
    assert types <= {PROBLEM, "application/json"}, types
    assert not any("<html" in answer.text.lower() for answer in answers)
    assert all(answer.status_code < 500 for answer in answers)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin/",
        "/admin/login/",
        "/api/docs",
        "/api/schema",
        "/api-auth/login",
        "/metrics",
        "/health/live",
        "/health/ready",
        "/static/admin/css/base.css",
    ],
)
def test_operators_pages_are_not_at_the_gateway(fleet, path):
    response = ask("GET", fleet.gateway_url + path, headers=BROWSER)

    problem_of(response, 404)


def test_errors_name_the_fields_they_mean(fleet):
    response = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/register",
        json={"email": "no address", "password": 5},
    )

    problem = problem_of(response, 400)
    assert {error["field"] for error in problem["errors"]} == {"email", "password"}
    assert all(error["code"] and error["detail"] for error in problem["errors"])


def test_a_fault_between_peers_is_a_problem_too(fleet):
    door = DOORS[0]
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key, body={**door.body(), "role": "emperor"})

    problem = problem_of(response, 400)
    assert problem["errors"][0]["field"] == "role"


@PORTS
def test_a_trace_id_is_echoed_or_made(fleet, port):
    path = "/health" if port == "gateway" else "/health/live"
    given = "0af7651916cd43dd8448eb211c80319c"

    echoed = ask("GET", url_of(fleet, port) + path, headers={"X-Trace-ID": given})
    made = ask("GET", url_of(fleet, port) + path, headers={"X-Trace-ID": "0" * 32})

    assert echoed.headers["X-Trace-ID"] == given
    assert made.headers["X-Trace-ID"] not in ("0" * 32, given)
    assert len(made.headers["X-Trace-ID"]) == 32
