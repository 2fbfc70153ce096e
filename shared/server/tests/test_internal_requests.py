"""What a service answers to its peers, and to those who pretend to be one."""

import json
import logging
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from shared.inbox.handling import RETENTION, purge_inbox
from shared.inbox.models import InboxRecord
from shared.peers.checking import KeyChecker, checker
from shared.peers.keys import new_secret
from shared.peers.models import InternalAPIKey
from shared.server.models import Revocation
from shared.wire.ids import uuid7

from .routes import ADD, CHECK, LOOK, Add, Look

PATH = "/api/v1/course/internal/listening/add"
CHECK_PATH = "/api/v1/course/internal/check"

pytestmark = pytest.mark.django_db


def make_add(**fields):
    return Add(**{"skill": "listening", "amount": 1, "user_id": uuid7()} | fields)


def put(headers, body, *, key=None, path=PATH, **options):
    headers = {"Idempotency-Key": str(key or uuid7()), **headers}
    return Client(raise_request_exception=False).generic(
        "PUT", path, body, content_type="application/json", headers=headers, **options
    )


def body(**fields):
    return json.dumps({"amount": 1, "user_id": str(uuid7())} | fields)


def fail_all(execute, sql, params, many, context):
    raise OperationalError("the database is away")


# ── keys ─────────────────────────────────────────────────────────────────────


def wrong_keys():
    """Yield headers that are no key of auth: name, header value."""
    key = new_secret()
    yield "missing", None
    yield "empty", ""
    yield "malformed", "secret"
    yield "a bearer token", "Bearer abc"
    yield "unknown", key.text
    yield "odd bytes", "ik_\u00e9\u00ff_" + "x" * 43
    yield "too long", "ik_abcdef_" + "x" * 100_000
    yield "a line break", key.text + "\n"


@pytest.mark.parametrize(
    "header", [pytest.param(value, id=name) for name, value in wrong_keys()]
)
def test_whoever_has_no_valid_key_learns_nothing(header):
    headers = {} if header is None else {"X-Internal-API-Key": header}

    answer = put(headers, body())

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["error"] == "forbidden: invalid internal key"
    assert document["code"] == "invalid_internal_key"
    assert document.pop("trace_id") == answer["X-Trace-ID"]
    assert document == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "The internal key is missing or not accepted.",
        "code": "invalid_internal_key",
        "error": "forbidden: invalid internal key",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"state": "revoked"},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"not_before": timezone.now() + timedelta(hours=1)},
        {"digest": "0" * 64},
    ],
    ids=["revoked", "expired", "not yet", "wrong"],
)
def test_all_causes_of_a_refused_key_look_the_same(peer_headers, change, caplog):
    InternalAPIKey.objects.update(**change)

    refused, missing = put(peer_headers, body()), put({}, body())

    assert refused.status_code == missing.status_code == 403
    first, second = refused.json(), missing.json()
    first.pop("trace_id")
    second.pop("trace_id")
    assert first == second
    assert peer_headers["X-Internal-API-Key"] not in caplog.text


def test_a_retiring_key_is_still_accepted(peer_headers):
    InternalAPIKey.objects.update(state="retiring")

    assert put(peer_headers, body()).status_code == 201


def test_the_key_is_checked_before_the_path_and_the_body():
    answer = Client().get("/api/v1/course/internal/nothing-here")

    assert answer.status_code == 403


def test_a_path_that_nobody_serves_is_named_so(peer_headers):
    answer = Client().get("/api/v1/course/internal/nothing", headers=peer_headers)

    assert answer.status_code == 404
    assert answer.json()["code"] == "route_not_found"


def test_another_method_is_named_so(peer_headers):
    answer = Client().delete(PATH, headers=peer_headers)

    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
    assert answer["Allow"] == "PUT"


def test_a_caller_without_the_grant_is_refused(call_internal):
    answer = call_internal(ADD, make_add(), caller="exercise")

    assert answer.status_code == 403
    assert answer.json()["code"] == "caller_not_allowed"
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"]
)
def test_what_came_through_the_gateway_finds_nothing_internal(peer_headers, header):
    answer = put({**peer_headers, header: "x"}, body())

    assert answer.status_code == 404
    assert not Revocation.objects.exists()


def test_a_database_that_is_away_is_503_and_never_a_refusal(peer_headers):
    checker.forget()
    with connection.execute_wrapper(fail_all):
        answer = put(peer_headers, body())

    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"


def test_a_revoked_key_is_refused_within_fifteen_seconds(internal_key, clock):
    own, key = KeyChecker(clock), internal_key("auth")
    assert own.caller_of(key) == "auth"
    InternalAPIKey.objects.update(state="revoked")

    clock.advance(14.9)
    assert own.caller_of(key) == "auth"
    clock.advance(0.2)

    with pytest.raises(Exception, match="internal key") as error:
        own.caller_of(key)
    assert error.value.cause == "revoked"


def test_a_warm_check_asks_no_database_and_an_unknown_key_once_in_five_seconds(
    internal_key, clock, django_assert_num_queries
):
    own, key = KeyChecker(clock), internal_key("auth")
    unknown = new_secret().text
    own.caller_of(key)
    with django_assert_num_queries(0):
        own.caller_of(key)

    with django_assert_num_queries(1):
        for _ in range(3):
            with pytest.raises(Exception, match="internal key"):
                own.caller_of(unknown)
    clock.advance(5.1)
    with django_assert_num_queries(1), pytest.raises(Exception, match="internal key"):
        own.caller_of(unknown)


def test_the_last_use_is_written_once_a_minute(internal_key, clock):
    own, key = KeyChecker(clock), internal_key("auth")
    own.caller_of(key)
    first = InternalAPIKey.objects.get().last_used_at
    clock.advance(59)
    own.caller_of(key)
    assert InternalAPIKey.objects.get().last_used_at == first

    clock.advance(2)
    own.caller_of(key)

    assert InternalAPIKey.objects.get().last_used_at > first


# ── headers ──────────────────────────────────────────────────────────────────


def check_with(call_internal, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return call_internal(CHECK, make_add(), headers=headers)


@pytest.mark.parametrize(
    ("value", "most"), [("1000", 1000), ("600000", 600_000), ("250", 250)]
)
def test_the_callers_time_becomes_the_deadline(call_internal, value, most):
    answer = check_with(call_internal, X_Request_Timeout_Ms=value).json()

    assert most - 200 < answer["remaining_ms"] <= most


@pytest.mark.parametrize(
    "value", ["0", "-5", "600001", "9" * 50, "1.5", "soon", "", " 100", "\u00b2"]
)
def test_a_time_that_makes_no_sense_is_no_deadline(call_internal, value):
    answer = check_with(call_internal, X_Request_Timeout_Ms=value)

    assert answer.status_code == 200
    assert answer.json()["remaining_ms"] is None


def test_less_than_five_milliseconds_are_not_worth_a_view(call_internal):
    answer = check_with(call_internal, X_Request_Timeout_Ms="4")

    assert answer.status_code == 504
    assert answer.json()["code"] == "deadline_exceeded"


def test_the_person_behind_a_call_reaches_the_view(call_internal):
    person = uuid7()

    answer = check_with(call_internal, X_On_Behalf_Of=str(person)).json()

    assert answer["on_behalf_of"] == str(person)


def test_a_person_that_is_no_id_is_nobody(call_internal):
    answer = check_with(call_internal, X_On_Behalf_Of="root").json()

    assert answer["on_behalf_of"] is None


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("headers", "trace_id"),
    [
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, TRACE),
        ({"X-Trace-ID": TRACE}, TRACE),
        ({"X-Trace-ID": TRACE.upper()}, TRACE),
        ({"X-Trace-ID": str(uuid.UUID(TRACE))}, TRACE),
        ({"traceparent": "garbage", "X-Trace-ID": TRACE}, TRACE),
        ({"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"}, None),
        ({"traceparent": f"00-{TRACE}-{'0' * 16}-01"}, None),
        ({"traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"}, None),
        ({"X-Trace-ID": "0" * 32}, None),
        ({"X-Trace-ID": "x" * 32}, None),
        ({"X-Trace-ID": TRACE + "0"}, None),
        ({"X-Trace-ID": "\u00e9" * 32}, None),
        ({"X-Trace-ID": "a\r\nb"}, None),
        ({}, None),
    ],
)
def test_a_trace_is_continued_or_begun(browser, headers, trace_id):
    answer = browser.get("/health/live", headers=headers)

    echoed = answer["X-Trace-ID"]
    assert len(echoed) == 32
    assert echoed == trace_id if trace_id else echoed != TRACE


# ── bodies ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": -1}, "amount"),
        ({"amount": 101}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"amount": 1.0}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": 2**63}, "amount"),
        ({"user_id": 5}, "user_id"),
        ({"user_id": "x"}, "user_id"),
        ({"email": "nobody"}, "email"),
        ({"role": "king"}, "role"),
        ({"title": "x" * 201}, "title"),
        ({"percent": 100.5}, "percent"),
        ({"tags": {"a": 1}}, "tags[...]"),
        ({"tags": []}, "tags"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(peer_headers, change, field):
    answer = put(peer_headers, body(**change))

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_request"
    assert answer.json()["errors"][0]["field"] == field
    assert not Revocation.objects.exists()
    assert not InboxRecord.objects.exists()


def test_a_missing_field_is_named(peer_headers):
    answer = put(peer_headers, '{"amount": 1}')

    assert answer.json()["errors"][0]["field"] == "user_id"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"NaN",
        b"\xff\xfe",
        b'{"amount": 1, "user_id": "\xff"}',
        b"[" * 100_000,
        b'{"tags": ' * 5_000,
        b'{"amount": NaN}',
        b"\x00",
    ],
)
@pytest.mark.parametrize("path", [PATH, CHECK_PATH])
def test_what_is_no_json_is_400_and_never_500(peer_headers, sent, path):
    method = "PUT" if path == PATH else "POST"
    answer = Client(raise_request_exception=False).generic(
        method,
        path,
        sent,
        content_type="application/json",
        headers={**peer_headers, "Idempotency-Key": str(uuid7())},
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_request"


@pytest.mark.parametrize(
    "title", ["nul\\u0000", "bell\\u0007", "\\b", "\\u001f", "\x7f", "half\\ud800"]
)
@pytest.mark.parametrize("place", ["title", "key", "value"])
def test_odd_characters_are_refused_wherever_they_stand(peer_headers, title, place):
    tags = {"title": "{}", "key": f'{{"{title}": "x"}}', "value": f'{{"x": "{title}"}}'}
    line = title if place == "title" else "fine"
    sent = (
        f'{{"amount": 1, "user_id": "{uuid7()}", "title": "{line}", '
        f'"tags": {tags[place]}}}'
    )

    answer = put(peer_headers, sent)

    assert answer.status_code == 400
    assert not Revocation.objects.exists()


def test_text_in_every_language_is_accepted(peer_headers):
    answer = put(peer_headers, body(title="Łódź 東京 \U0001f600 tab\tline\n"))

    assert answer.status_code == 201


def test_more_than_a_mebibyte_is_413(peer_headers):
    answer = put(peer_headers, body(title="x" * 1024 * 1024))

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_the_path_wins_over_the_body(peer_headers):
    answer = put(peer_headers, body(skill="reading"))

    assert answer.status_code == 201


def test_a_path_field_outside_the_contract_is_400(peer_headers):
    answer = put(peer_headers, body(), path="/api/v1/course/internal/dancing/add")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "skill"


def test_a_read_carries_lists_numbers_and_truth_in_its_query(call_internal):
    asked = Look(ids=[uuid7(), uuid7()], limit=7, is_open=True, skill="reading")

    answer = call_internal(LOOK, asked).json()["asked"]

    assert answer["ids"] == [str(id_) for id_ in asked.ids]
    assert (answer["limit"], answer["is_open"]) == (7, True)
    assert answer["skill"] == "reading"


@pytest.mark.parametrize(
    "query", ["", "?ids=", "?ids=x", f"?ids={uuid.uuid4()}&limit=many", "?ids=%00"]
)
def test_a_query_that_breaks_the_contract_is_400(peer_headers, query):
    path = f"/api/v1/course/internal/things{query}"

    assert Client().get(path, headers=peer_headers).status_code == 400


# ── once ─────────────────────────────────────────────────────────────────────


def test_the_same_key_gets_the_same_answer_and_no_second_effect(call_internal):
    key, request = uuid7(), make_add()
    first = call_internal(ADD, request, key=key)

    second = call_internal(ADD, request, key=key)

    assert Revocation.objects.count() == 1
    assert second.status_code == first.status_code == 201
    assert second.content == first.content
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first


@pytest.mark.parametrize("change", [{"amount": 2}, {"skill": "reading"}])
def test_the_same_key_for_another_request_is_422(call_internal, change):
    key, user_id = uuid7(), uuid7()
    call_internal(ADD, make_add(user_id=user_id), key=key)

    answer = call_internal(ADD, make_add(user_id=user_id, **change), key=key)

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert Revocation.objects.count() == 1


def key_made_at(moment):
    """Return a UUIDv7 of another time."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (uuid7().int & ((1 << 80) - 1)))


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 400, "idempotency_key_invalid"),
        ("x", 400, "idempotency_key_invalid"),
        (str(uuid.uuid4()), 400, "idempotency_key_invalid"),
        ("\u00ff" * 32, 400, "idempotency_key_invalid"),
        (
            str(key_made_at(timezone.now() + timedelta(days=1))),
            *(400, "idempotency_key_invalid"),
        ),
        ("ffffffff-ffff-7fff-bfff-ffffffffffff", 400, "idempotency_key_invalid"),
        (
            str(key_made_at(timezone.now() - RETENTION - timedelta(minutes=1))),
            *(409, "idempotency_key_expired"),
        ),
    ],
)
def test_a_key_that_the_inbox_cannot_keep_is_refused(peer_headers, key, status, code):
    answer = put({**peer_headers, "Idempotency-Key": key}, body())

    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert not Revocation.objects.exists()


@pytest.mark.parametrize(
    ("title", "status"),
    [("refuse", 409), ("break", 500), ("integrity", 500), ("locked", 503)],
)
def test_a_failure_leaves_neither_effect_nor_record(peer_headers, title, status):
    key = uuid7()

    answer = put(peer_headers, body(title=title), key=key)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Revocation.objects.exists()
    assert not InboxRecord.objects.exists()
    assert put(peer_headers, body(title="fine"), key=key).status_code == 201


def test_the_same_key_of_another_caller_is_another_key(internal_key):
    key, sent = uuid7(), body()
    first = put({"X-Internal-API-Key": internal_key("auth")}, sent, key=key)
    InternalAPIKey.objects.update(caller="exercise")
    checker.forget()

    second = put({"X-Internal-API-Key": internal_key("auth")}, sent, key=key)

    assert first.status_code == 201
    assert second.status_code == 403


def test_old_records_are_purged_in_batches(call_internal):
    for _ in range(3):
        call_internal(ADD, make_add())
    later = timezone.now() + RETENTION + timedelta(days=1)

    assert purge_inbox() == 0
    assert purge_inbox(batch=2, now=lambda: later) == 2
    assert purge_inbox(batch=2, now=lambda: later) == 1
    assert not InboxRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_time_have_one_effect(internal_key):
    headers = {"X-Internal-API-Key": internal_key("auth")}
    requests = [(uuid7(), body()) for _ in range(5)]
    barrier, answers = threading.Barrier(20), []

    def ask(number):
        try:
            barrier.wait()
            for key, sent in requests[number % 5 :] + requests[: number % 5]:
                answers.append((key, put(headers, sent, key=key)))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Revocation.objects.count() == 5
    assert InboxRecord.objects.count() == 5
    assert len(answers) == 100
    for key, _ in requests:
        own = [answer for other, answer in answers if other == key]
        done = [answer.content for answer in own if answer.status_code == 201]
        assert len(set(done)) == 1
        others = {answer.status_code for answer in own} - {201}
        assert others <= ({409} if connection.vendor == "postgresql" else set())


def test_the_log_line_of_a_request_names_its_caller(call_internal, caplog):
    with caplog.at_level(logging.INFO, logger="shared.requests"):
        call_internal(ADD, make_add())

    (record,) = [r for r in caplog.records if r.name == "shared.requests"]
    assert record.caller == "auth"
    assert record.status == 201
    assert record.route == "/api/v1/course/internal/<str:skill>/add"
