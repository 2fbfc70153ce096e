"""Which requests the gateway lets through, by path and method."""

import pytest

PUBLIC = [
    ("/api/v1/auth/register", "auth"),
    ("/api/v1/auth/account", "auth"),
    ("/api/v1/auth/.well-known/jwks.json", "auth"),
    ("/api/v1/user/profile", "user"),
    ("/api/v1/users/0199", "user"),
    ("/api/v1/courses", "course"),
    ("/api/v1/courses/internal-medicine?search=/internal/%2f", "course"),
    ("/api/v1/courses/the%20internals", "course"),
    ("/api/v1/courses/t%C3%B4i", "course"),
    ("/api/v1/modules/1", "course"),
    ("/api/v1/lessons/1", "course"),
    ("/api/v1/enrollments", "course"),
    ("/api/v1/certificates/AB-12", "course"),
    ("/api/v1/reviews/1", "course"),
    ("/api/v1/exercises", "exercise"),
    ("/api/v1/sections/1/questions", "exercise"),
    ("/api/v1/questions/1", "exercise"),
    ("/api/v1/attempts/1/submit", "exercise"),
    ("/api/v1/submissions", "exercise"),
    ("/api/v1/notifications/unread-count", "notification"),
    ("/api/v1/notifications/reminders/0199", "notification"),
    ("/api/v1/notifications/broadcasts", "notification"),
]
NOT_PUBLIC = [
    "/",
    "/admin/",
    "/api/schema",
    "/api/docs",
    "/api-auth/login",
    "/metrics",
    "/health/live",
    "/problem",
    "/refused",
    "/api/v1/course/internal/summary/1",
    "/api/v1/notification/internal/send",
    "/api/v1/authx/register",
    "/api/v1/useradmin",
    "/API/V1/AUTH/register",
    "//api/v1/courses",
    "/api//v1/courses",
    "/api/v1/courses//1",
    "/static/admin/css/base.css",
]
PROFILE = "internal/profile/create"
INTERNAL = [
    f"/api/v1/user/{PROFILE}",
    f"/api/v1/user%2f{PROFILE}",
    f"/api/v1/user%2F{PROFILE}",
    f"/api/v1/user%252f{PROFILE}",
    f"/api/v1/user%25252f{PROFILE}",
    f"/api/v1/user%5c{PROFILE}",
    f"/api/v1/user\\{PROFILE}",
    "/api/v1/user/%69nternal/profile/create",
    "/api/v1/user/%2569nternal/profile/create",
    "/api/v1/user/%252569nternal/profile/create",
    "/api/v1/user/%69%6e%74%65%72%6E%61%6C/profile/create",
    "/api/v1/user/INTERNAL/profile/create",
    "/api/v1/user/%49nternal/profile/create",
    f"/api/v1/user//{PROFILE}",
    f"//api/v1/user/{PROFILE}",
    f"/api/v1/user/./{PROFILE}",
    f"/api/v1/user/x/../{PROFILE}",
    f"/api/v1/user/x/%2e%2e/{PROFILE}",
    f"/api/v1/user/%2e/{PROFILE}",
    f"/api/v1/courses/../user/{PROFILE}",
    "/api/v1/user/internal/../profile",
    f"/api/v1/user;/{PROFILE}",
    f"/api/v1/user/;/{PROFILE}",
    f"/api/v1/user;x=1/{PROFILE}",
    "/api/v1/user/internal;x=1/profile/create",
    "/api/v1/user/internal%3bx=1/profile/create",
    "/api/v1/user/;internal/profile/create",
    "/api/v1/user/internal%2fprofile/create",
    "/api/v1/user/internal%20/profile/create",
    "/api/v1/user/internal%09/profile/create",
    "/api/v1/user/internal%00/profile/create",
    "/api/v1/user/%00/internal/profile/create",
    "/api/v1/user/internal#/profile/create",
    "/api/v1/user/#/internal/profile/create",
    "/api/v1/user/internal?x=1",
    "/api/v1/user/internal",
    "/api/v1/user/internal/",
    "/api/v1/user/internal./profile/create",
    f"/api/v1/user/../../../../{PROFILE}",
    f"http://127.0.0.1/api/v1/user/{PROFILE}",
    f"http://evil.example:1/api/v1/user/{PROFILE}",
    f"HTTP://127.0.0.1/api/v1/user%2f{PROFILE}",
    "/api/v1/auth/internal/credentials/verify",
    "/api/v1/user/internal/events",
]
AMBIGUOUS = [
    "/api/v1/courses%2f1",
    "/api/v1%2fcourses",
    "/api/v1/courses%2F1",
    "/api/v1/courses%5c1",
    "/api/v1/courses\\1",
    "/api/v1/courses/./1",
    "/api/v1/courses/../users/1",
    "/api/v1/courses/%2e%2e/users/1",
    "/api/v1/courses/.%2E/users/1",
    "/api/v1/courses/..",
    "/api/v1/courses/.?x=1",
    "/../../etc/passwd",
    "/api/v1/courses/%00",
    "/api/v1/courses/%001",
    "/api/v1/courses/%2561",
    "/api/v1/courses/%252f",
    "/api/v1/courses/%25",
    "/api/v1/courses/100%",
    "/api/v1/courses/%zz",
    "/api/v1/courses/%0d%0aX-User-Role:admin",
    "/api/v1/courses/%c0%af1",
    "/api/v1/courses/%ff",
    "/api/v1/courses/1;x=2",
    "/api/v1/courses/1%3bx=2",
    "/api/v1/courses/1#x",
    "/api/v1/courses/\xe9",
    "/api/v1/courses/a b",
    "/unknown%2fpath",
    "*",
    "api/v1/courses",
    "",
]


@pytest.mark.parametrize(("path", "service"), PUBLIC)
def test_a_public_path_reaches_its_service_as_it_was_sent(gateway, path, service):
    answer = gateway.ask("GET", path)

    assert answer.status == 200
    assert [(seen.service, seen.path) for seen in gateway.seen] == [(service, path)]


@pytest.mark.parametrize("path", NOT_PUBLIC)
def test_any_other_path_is_not_found(gateway, path):
    answer = gateway.ask("GET", path)

    assert answer.status == 404
    assert answer.problem["code"] == "route_not_found"
    assert gateway.seen == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("path", INTERNAL)
def test_an_internal_path_does_not_exist_however_it_is_written(gateway, method, path):
    answer = gateway.ask(
        method,
        path,
        headers=[
            ("X-Internal-API-Key", "ik_auth_secret"),
            ("Authorization", "Bearer token"),
        ],
        body=b"" if method == "GET" else b"{}",
    )

    assert answer.status == 404
    assert answer.problem["code"] == "route_not_found"
    assert answer.problem["status"] == 404
    assert gateway.seen == []


@pytest.mark.parametrize("path", AMBIGUOUS)
def test_a_path_that_can_be_read_in_two_ways_is_refused(gateway, path):
    answer = gateway.ask("GET", path)

    assert answer.status == 400
    assert answer.problem["code"] == "bad_request"
    assert gateway.seen == []


@pytest.mark.parametrize(
    "header",
    [
        "SCRIPT_NAME",
        "Script-Name",
        "PATH_INFO",
        "Path-Info",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Prefix",
        "X-Forwarded-Path",
    ],
)
def test_no_header_sends_a_public_request_to_an_internal_path(gateway, header):
    answer = gateway.ask("GET", "/api/v1/user/profile", [(header, f"/{PROFILE}")])

    assert answer.status == 200
    assert [seen.path for seen in gateway.seen] == ["/api/v1/user/profile"]
    assert PROFILE not in str(gateway.seen[0].headers)


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
)
def test_a_usual_method_passes(gateway, method):
    answer = gateway.ask(method, "/api/v1/courses/a%20b?x=%2f")

    assert answer.status == 200
    assert [(seen.method, seen.path) for seen in gateway.seen] == [
        (method, "/api/v1/courses/a%20b?x=%2f")
    ]


def test_a_delete_takes_its_body_along(gateway):
    body = b'{"password": "correct-horse-battery"}'

    answer = gateway.ask("DELETE", "/api/v1/auth/account", body=body)

    assert answer.status == 200
    assert [(seen.method, seen.body) for seen in gateway.seen] == [("DELETE", body)]


@pytest.mark.parametrize(
    "method", ["TRACE", "PROPFIND", "MOVE", "LOCK", "PURGE", "BREW", "COPY"]
)
def test_any_other_method_is_refused(gateway, method):
    answer = gateway.ask(method, "/api/v1/courses")

    assert answer.status == 405
    assert answer.problem["code"] == "method_not_allowed"
    assert "PATCH" in answer.headers["Allow"]
    assert gateway.seen == []


def test_a_method_in_a_header_changes_nothing(gateway):
    gateway.ask("GET", "/api/v1/courses", [("X-HTTP-Method-Override", "DELETE")])

    assert [seen.method for seen in gateway.seen] == ["GET"]
    assert "X-HTTP-Method-Override" not in gateway.seen[0].headers


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/v1/courses HTTP/1.1\r\n\r\n",
        b"GET /api/v1/courses HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /api/v1/courses HTTP/1.1\r\nHost: a/b\r\n\r\n",
        b"get /api/v1/courses HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/v1/courses FTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /api/v1/cou\x00rses HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
        b"Content-Length: 2\r\n\r\nab",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ],
)
def test_an_unparsable_request_gets_a_problem(gateway, request_bytes):
    answer = gateway.send(request_bytes)

    assert answer.status == 400
    assert answer.problem["code"] == "bad_request"
    assert answer.problem["trace_id"] == answer.headers["X-Trace-ID"]
    assert gateway.seen == []


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/3.0"])
def test_another_version_of_http_gets_a_problem(gateway, version):
    answer = gateway.send(f"GET /health {version}\r\nHost: a\r\n\r\n".encode())

    assert answer.status == 505
    assert answer.problem["code"] == "http_version_not_supported"
