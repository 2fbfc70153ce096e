"""How much the gateway lets through."""

import pytest

MEBIBYTE = 1024 * 1024
PADDING = "/api/v1/courses?q="


def chunked(body, size):
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body_of_one_mebibyte_passes(gateway, method):
    body = b"x" * MEBIBYTE

    assert gateway.ask(method, "/api/v1/courses", body=body).status == 200
    assert [seen.body for seen in gateway.seen] == [body]


@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
def test_a_larger_body_is_refused(gateway, method):
    answer = gateway.ask(method, "/api/v1/courses", body=b"x" * (MEBIBYTE + 1))

    assert answer.status == 413
    assert answer.problem["code"] == "body_too_large"
    assert gateway.seen == []


@pytest.mark.parametrize(
    ("length", "size"), [(11, 3), (MEBIBYTE, 65536), (99_999, 7), (MEBIBYTE, 1)]
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_chunked_body_gets_a_length(gateway, method, length, size):
    body = b"x" * length
    head = f"{method} /api/v1/courses HTTP/1.1\r\nHost: a.example\r\n"

    answer = gateway.send(
        head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body, size)
    )

    [seen] = gateway.seen
    assert answer.status == 200
    assert seen.body == body
    assert seen.headers.get_all("Content-Length") == [str(length)]
    assert "Transfer-Encoding" not in seen.headers


def test_an_unknown_transfer_encoding_is_refused(gateway):
    answer = gateway.send(
        b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\n"
        b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"
    )

    assert answer.status in (400, 501)
    assert answer.problem["status"] == answer.status
    assert gateway.seen == []


def test_a_broken_chunk_is_refused(gateway):
    answer = gateway.send(
        b"POST /api/v1/courses HTTP/1.1\r\nHost: a\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"
    )

    assert answer.status == 400
    assert answer.problem["code"] == "bad_request"
    assert gateway.seen == []


def test_a_url_of_four_kibibytes_passes(gateway):
    answer = gateway.ask("GET", PADDING + "x" * (4096 - len(PADDING)))

    assert answer.status == 200
    assert len(gateway.seen[0].path) == 4096


@pytest.mark.parametrize("length", [4097, 9000, 100_000])
def test_a_longer_url_is_refused(gateway, length):
    answer = gateway.ask("GET", PADDING + "x" * (length - len(PADDING)))

    assert answer.status == 414
    assert answer.problem["code"] == "uri_too_long"
    assert gateway.seen == []


@pytest.mark.parametrize("headers", [[("X-A", "x" * 9000)], [("X-A", "x" * 7000)] * 12])
def test_large_headers_are_refused(gateway, headers):
    answer = gateway.ask("GET", "/api/v1/courses", headers)

    assert answer.status == 431
    assert answer.problem["code"] == "headers_too_large"
    assert answer.problem["status"] == 431
    assert gateway.seen == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_auth_is_limited_per_client_address(start_gateway, method):
    gateway = start_gateway(AUTH_ADDRESS_RATE="6")
    forwarded = [[("X-Forwarded-For", f"10.0.0.{number}")] for number in range(12)]

    answers = [
        gateway.ask(method, "/api/v1/auth/login", headers) for headers in forwarded
    ]

    refused = [answer for answer in answers if answer.status != 200]
    assert [answer.status for answer in answers] == [200] * 7 + [429] * 5
    assert len(gateway.seen) == 7
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert {answer.problem["code"] for answer in refused} == {"too_many_requests"}
    assert gateway.ask(method, "/api/v1/courses").status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_address_is_limited_but_liveness_never_is(start_gateway, method):
    gateway = start_gateway(GATEWAY_RATE="1", GATEWAY_BURST="5")

    statuses = [gateway.ask(method, "/api/v1/courses").status for _ in range(30)]
    alive = {gateway.ask("GET", "/health").status for _ in range(30)}

    assert statuses[:6] == [200] * 6
    assert statuses.count(429) >= 20
    assert len(gateway.seen) == statuses.count(200)
    assert alive == {200}


def test_the_gateway_answers_for_its_own_health(gateway):
    answer = gateway.ask("GET", "/health")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.body == b'{"status":"ok"}'
    assert gateway.seen == []
