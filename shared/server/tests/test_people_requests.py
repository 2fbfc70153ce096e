"""What people's doors answer: strict JSON, problems, lists, roles."""

import json
import uuid

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from shared.server.lists import Pages
from shared.server.models import Revocation
from shared.server.revocation import (
    RevocationList,
    purge_revocations,
    revoke_session,
    revoke_user,
)
from shared.wire.ids import uuid7

ECHO = "/api/v1/course/echo"
LIST = "/api/v1/course/revocations"

pytestmark = pytest.mark.django_db


def post(client, body, path=ECHO, content_type="application/json"):
    return client.generic("POST", path, body, content_type=content_type)


def assert_problem(answer, status, code):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["detail"]
    assert document["trace_id"] == answer["X-Trace-ID"]
    return document


# ── bodies ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b'{"line": "a", "line": "b"}',
        b'{"x": {"a": 1, "a": 2}}',
        b'{"number": NaN}',
        b'{"number": Infinity}',
        b'{"ratio": 1e999}',
        b'{"ratio": [-1e999]}',
        b'{"line": "\\ud800"}',
        b'{"line": "nul\\u0000"}',
        b'{"nul\\u0000": 1}',
        b'{"\\udfff": 1}',
        b'{"number": ' + b"9" * 5000 + b"}",
        b"{'line': 'a'}",
        b'{"line": "a",}',
    ],
)
def test_what_is_no_good_json_is_refused_whole(browser, body):
    assert_problem(post(browser, body), 400, "malformed_body")


@pytest.mark.parametrize(
    "member",
    [
        '"line": 5',
        '"line": true',
        '"line": null',
        '"line": ["a"]',
        '"line": {"a": 1}',
        '"line": "bell\\u0007"',
        '"line": "tab\\t"',
        '"line": "line\\nbreak"',
        '"line": "\\u007f"',
        '"line": "\\u0085"',
        '"line": "a\\u0085b"',
        '"line": "a\\u009bb"',
        '"text": "a\\u009bb"',
        '"line": "' + "x" * 21 + '"',
        '"text": "bell\\u0007"',
        '"number": "3"',
        '"number": "\u0663"',
        '"number": 1.0',
        '"number": true',
        '"number": 2147483648',
        '"number": 9223372036854775808',
        '"number": -2147483649',
        '"ratio": "0.5"',
        '"ratio": true',
        '"ratio": 1' + "0" * 400,
        '"price": "1.00"',
        '"price": 1.001',
        '"band": ""',
        '"band": " "',
        '"price": 1e300',
        '"flag": "true"',
        '"flag": 1',
        '"flag": "yes"',
        '"flag": null',
        '"id": 5',
        '"id": "5"',
        '"id": "' + "\u0661" * 32 + '"',
        '"day": 20260101',
        '"day": "2026-13-01"',
        '"day": "\u0662\u0660\u0662\u0666-01-01"',
        '"day": "2026-01-01T00:00:00Z"',
        '"at": 5',
        '"at": "yesterday"',
        '"at": "0001-01-01T00:00:00+23:59"',
        '"time": 5',
        '"level": 1',
        '"level": ["B1"]',
        '"level": "C9"',
        '"email": "nobody"',
        '"email": "' + "x" * 250 + '@example.org"',
    ],
)
def test_no_value_is_bent_into_another_type(browser, member):
    document = assert_problem(
        post(browser, ("{" + member + "}").encode()), 400, "validation_error"
    )

    (error,) = document["errors"]
    assert error["field"] == member.split('"')[1]
    assert error["code"]
    assert error["detail"]


@pytest.mark.parametrize(
    "member",
    [
        '"line": "Łódź 東京 \U0001f600"',
        '"text": "two\\nlines\\tand a tab"',
        '"number": -2147483648',
        '"ratio": 1',
        '"ratio": -0.5e10',
        '"price": 1.5',
        '"band": null',
        '"flag": false',
        f'"id": "{uuid.uuid4()}"',
        '"day": "2026-01-01"',
        '"at": "2026-01-01T00:00:00Z"',
        '"time": "10:30"',
        '"level": "B1"',
        '"email": "an@example.org"',
    ],
)
def test_values_of_the_right_type_are_taken(browser, member):
    answer = post(browser, ("{" + member + "}").encode())

    assert answer.status_code == 200
    assert answer.json() == {"names": [member.split('"')[1]]}


def test_depth_up_to_32_is_read(browser):
    answer = post(browser, b'{"x": ' + b"[" * 31 + b"]" * 31 + b"}")

    assert answer.status_code == 200


def test_the_place_of_a_nested_error_is_named(browser):
    body = json.dumps({"things": [{}, {"number": "x"}]})

    document = post(browser, body, "/api/v1/course/nested").json()

    assert [error["field"] for error in document["errors"]] == ["things.1.number"]


def test_a_body_that_is_no_object_is_a_validation_error(browser):
    assert_problem(post(browser, b"[]"), 400, "validation_error")


@pytest.mark.parametrize("padding", [1024 * 1024, 20 * 1024 * 1024])
def test_more_than_a_mebibyte_is_413(browser, padding):
    body = b'{"text": "' + b"x" * padding + b'"}'

    assert_problem(post(browser, body), 413, "body_too_large")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "text/xml"]
)
def test_another_format_is_415(browser, content_type):
    answer = post(browser, b"line=a", content_type=content_type)

    assert_problem(answer, 415, "unsupported_media_type")


# ── problems ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("missing", 404, "not_found"),
        ("denied", 403, "forbidden"),
        ("throttled", 429, "too_many_requests"),
        ("refused", 409, "not_today"),
        ("locked", 503, "database_unavailable"),
        ("broken", 500, "internal_error"),
    ],
)
def test_every_failure_of_a_rest_view_is_a_problem(browser, how, status, code):
    answer = browser.get(f"/api/v1/course/fails/{how}")

    assert_problem(answer, status, code)
    assert "secret" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


@pytest.mark.parametrize(
    ("how", "seconds"), [("throttled", "3"), ("refused", "7"), ("locked", "1")]
)
def test_who_should_come_again_is_told_when(browser, how, seconds):
    assert browser.get(f"/api/v1/course/fails/{how}")["Retry-After"] == seconds


def test_a_refusal_may_have_members_of_its_own(browser):
    assert browser.get("/api/v1/course/fails/refused").json()["until"] == "tomorrow"


def test_a_path_that_nobody_serves_is_404(browser):
    assert_problem(browser.get("/api/v1/course/none"), 404, "route_not_found")


def test_another_method_is_405(browser):
    answer = browser.delete(ECHO)

    assert_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


def test_a_fault_outside_of_rest_is_a_problem_too(browser):
    answer = browser.get("/api/v1/course/plain-fails")

    assert_problem(answer, 500, "internal_error")
    assert "secret" not in answer.content.decode()


def test_an_unknown_host_is_400(browser):
    answer = browser.get("/health/live", headers={"Host": "evil.example"})
    if answer.status_code == 200:
        answer = browser.get("/api/v1/course/none", headers={"Host": "evil.example"})

    assert answer.status_code in (400, 404)
    assert answer["Content-Type"] == "application/problem+json"


def test_html_is_for_browsers_at_the_service_port_only(browser):
    path = "/api/v1/course/fails/refused"
    html = {"Accept": "text/html"}

    at_port = browser.get(path, headers=html)
    at_gateway = browser.get(path, headers={**html, "X-Forwarded-For": "10.0.0.1"})
    odd = browser.get(path, headers={"Accept": "image/png"})

    assert at_port["Content-Type"].startswith("text/html")
    assert at_gateway["Content-Type"] == "application/problem+json"
    assert odd["Content-Type"] == "application/problem+json"


# ── lists ────────────────────────────────────────────────────────────────────


@pytest.fixture
def rows():
    return [
        Revocation.objects.create(kind="user", subject=uuid7(), reason=f"r{number:02}")
        for number in range(25)
    ]


def test_a_list_has_twenty_rows_and_the_true_count(browser, rows):
    answer = browser.get(LIST).json()

    assert set(answer) == {"count", "next", "previous", "results"}
    assert answer["count"] == 25
    assert len(answer["results"]) == 20
    assert "page=2" in answer["next"]


def test_a_list_costs_two_queries_whatever_its_length(
    browser, rows, django_assert_num_queries
):
    browser.get(LIST)

    with django_assert_num_queries(2):
        browser.get(f"{LIST}?page_size=25")


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=101",
        "page_size=-1",
        "page_size=many",
        "page_size=",
        "page_size=1e2",
        "page_size=%D9%A3",
        "page=0",
        "page=-1",
        "page=x",
        "page=99999999999999999999",
        "unknown=1",
        "search=x",
        "ordering=secret",
        "ordering=",
        "ordering=at,,at",
        "ordering=at,-at",
        "ordering=reason__x",
        "ordering=--at",
        "subject=x",
        "kind=neither",
    ],
)
def test_a_query_outside_the_documented_list_is_400(browser, rows, query):
    assert_problem(browser.get(f"{LIST}?{query}"), 400, "validation_error")


def test_the_schema_says_which_pages_there_are():
    parameters = Pages().get_schema_operation_parameters(view=None)

    assert {one["name"]: one["schema"] for one in parameters} == {
        "page": {"type": "integer", "minimum": 1},
        "page_size": {"type": "integer", "minimum": 1, "maximum": 100},
    }


def test_a_page_behind_the_last_is_404(browser, rows):
    assert_problem(browser.get(f"{LIST}?page=3"), 404, "not_found")


def test_thousands_of_orderings_are_400(browser, rows):
    query = ",".join(["at"] * 1_500)

    assert_problem(browser.get(f"{LIST}?ordering={query}"), 400, "validation_error")


def test_rows_are_ordered_and_filtered_as_asked(browser, rows):
    ordered = browser.get(f"{LIST}?ordering=-reason&page_size=2").json()["results"]
    filtered = browser.get(f"{LIST}?reason=r07&kind=user").json()

    assert [row["reason"] for row in ordered] == ["r24", "r23"]
    assert filtered["count"] == 1


def test_an_ordering_may_be_named_otherwise_than_its_field(browser, rows):
    address = "/api/v1/course/renamed-orderings"

    ordered = browser.get(f"{address}?ordering=-why,moment&page_size=2").json()

    assert [row["reason"] for row in ordered["results"]] == ["r24", "r23"]
    refused = browser.get(f"{address}?ordering=reason")
    assert_problem(refused, 400, "validation_error")


# ── roles and revocation ─────────────────────────────────────────────────────

ADMINS = "/api/v1/course/admins"


def test_everybody_reads_what_some_roles_write(client_for):
    address = "/api/v1/course/written-by-admins"
    people = [client_for(), client_for(uuid7()), client_for(uuid7(), role="admin")]

    assert [person.get(address).status_code for person in people] == [200] * 3
    assert [person.post(address).status_code for person in people] == [401, 403, 200]


def test_a_role_opens_its_doors(client_for):
    person = uuid7()

    assert client_for(person, role="admin").get(ADMINS).json() == {
        "role": "admin",
        "id": str(person),
    }


def test_another_role_is_403_and_nobody_401(client_for):
    assert_problem(client_for(uuid7()).get(ADMINS), 403, "forbidden")
    assert_problem(client_for().get(ADMINS), 401, "not_authenticated")


def test_a_token_of_a_revoked_user_is_refused(client_for):
    person = uuid7()
    client = client_for(person, role="admin")
    assert client.get(ADMINS).status_code == 200

    revoke_user(person, reason="disabled", at=timezone.now())
    from shared.server.revocation import revocations

    revocations.forget()

    assert_problem(client.get(ADMINS), 401, "token_revoked")


def test_a_revoked_session_ends_and_another_goes_on(client_for):
    person, ended, other = uuid7(), uuid7(), uuid7()
    revoke_session(ended, reason="logout")

    first = client_for(person, role="admin", sid=ended).get(ADMINS)
    second = client_for(person, role="admin", sid=other).get(ADMINS)

    assert_problem(first, 401, "token_revoked")
    assert second.status_code == 200


def test_the_latest_revocation_counts_in_any_order():
    person, now = uuid7(), timezone.now()
    earlier = now - timezone.timedelta(minutes=5)
    revoke_user(person, at=now, reason="second")
    revoke_user(person, at=earlier, reason="first")

    row = Revocation.objects.get()
    assert (row.at, row.reason) == (now, "second")


def test_the_list_is_read_every_few_seconds(clock, django_assert_num_queries):
    known, person = RevocationList(clock), uuid7()
    now = timezone.now()

    def refuses():
        return known.refuses(user_id=person, session_id=None, issued_at=now)

    assert not refuses()
    Revocation.objects.create(kind="user", subject=person, at=now, reason="x")
    with django_assert_num_queries(0):
        assert not refuses()
    clock.advance(5.1)

    assert refuses()


def test_revocations_that_concern_no_token_are_purged():
    revoke_user(uuid7(), at=timezone.now() - timezone.timedelta(hours=1), reason="x")
    revoke_user(uuid7(), at=timezone.now(), reason="x")

    assert purge_revocations() == 1
    assert Revocation.objects.count() == 1


# ── health ───────────────────────────────────────────────────────────────────


def fail_all(execute, sql, params, many, context):
    raise OperationalError("the database is away")


def test_a_service_without_its_database_lives_but_is_not_ready(browser):
    with connection.execute_wrapper(fail_all):
        live, ready = browser.get("/health/live"), browser.get("/health/ready")

    assert live.status_code == 200
    assert_problem(ready, 503, "database_unavailable")
    assert browser.get("/health/ready").status_code == 200


def test_metrics_are_those_of_the_process_and_the_outbox(browser, rows):
    browser.get(LIST)

    text = browser.get("/metrics").content.decode()

    assert 'http_request_duration_seconds_count{method="GET"' in text
    assert 'route="api/v1/course/revocations"' in text
    assert "# TYPE outbox_pending gauge" in text
    assert "service_call_duration_seconds" in text


def test_an_unknown_path_makes_no_metric_of_its_own(browser):
    browser.get("/no/such/path/of-nobody")

    assert "of-nobody" not in browser.get("/metrics").content.decode()
