"""Who may enter by the internal doors of each service, tried on the platform."""

import re

import pytest

from shared.wire.ids import uuid7
from tests.asking import PROBLEM, ask, problem_of
from tests.internal_calls import DOORS, GRANTED_DOORS, KEYED_DOORS, key_of, knock
from tests.people import register
from tests.records import query
from tests.waiting import wait_for

REFUSAL = "forbidden: invalid internal key"
ALL = pytest.mark.parametrize("door", DOORS, ids=lambda door: door.callee)
KEYED = pytest.mark.parametrize("door", KEYED_DOORS, ids=lambda door: door.callee)
GRANTED = pytest.mark.parametrize("door", GRANTED_DOORS, ids=lambda door: door.callee)
# A revoked key is refused within 15 s.
REVOKED_SECONDS = 2 * 15

ODD_KEYS = {
    "empty": b"",
    "blanks in it": b"ik 0123456789ab " + b"a" * 64,
    "another form": b"secret",
    "a JWT": b"Bearer eyJhbGciOiJub25lIn0.e30.",
    "only its start": b"ik_",
    "bytes above 127": b"ik_0123456789ab_" + b"\xe9\xff\xfe" * 20,
    "UTF-8": "ik_0123456789ab_ключключключключключключ".encode(),
    "digits that are not ASCII": "ik_٠١٢٣٤٥٦٧٨٩_".encode() + b"a" * 43,
    "very long": b"ik_0123456789ab_" + b"a" * 7000,
    "an unknown id": b"ik_ffffffffffff_" + b"a" * 64,
    "a tab": b"ik_0123456789ab_\t" + b"a" * 64,
}


@ALL
def test_a_peer_with_its_key_is_served(fleet, door):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key)

    # Nobody has this address and password: that is for auth's view to say.
    if door.callee == "auth":
        assert problem_of(response, 401)["code"] == "invalid_credentials"
    else:
        assert response.status_code in (200, 201), response.text


@ALL
def test_nobody_enters_without_a_key(fleet, door):
    response = knock(fleet, door, key=None)

    assert_refused(response)


@ALL
@pytest.mark.parametrize("key", ODD_KEYS.values(), ids=ODD_KEYS.keys())
def test_a_key_of_odd_bytes_is_a_refusal(fleet, door, key):
    response = knock(fleet, door, key=key)

    assert_refused(response)


@ALL
def test_a_key_with_one_wrong_character_is_refused(fleet, door):
    key = key_of(fleet, door.caller, door.callee)
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")

    response = knock(fleet, door, key=wrong)

    assert_refused(response)


@ALL
def test_the_key_for_another_callee_is_refused(fleet, door):
    other = "course" if door.callee != "course" else "exercise"

    response = knock(fleet, door, key=key_of(fleet, door.caller, other))

    assert_refused(response)


@ALL
def test_the_secret_from_which_keys_are_made_is_no_key(fleet, door):
    path = fleet.platform.var / door.caller / "secrets" / "internal_api_key"

    response = knock(fleet, door, key=path.read_text().strip())

    assert_refused(response)


@ALL
def test_a_signed_in_person_is_no_peer(fleet, door):
    ana = register(fleet)

    response = knock(
        fleet,
        door,
        key=None,
        headers={"Authorization": f"Bearer {ana.access_token}"},
    )

    assert_refused(response)


def test_every_refused_key_gets_the_same_answer(fleet):
    door = DOORS[0]
    keys = [None, *ODD_KEYS.values(), key_of(fleet, door.caller, "course")]

    answers = [knock(fleet, door, key=key).json() for key in keys]

    for answer in answers:
        del answer["trace_id"]
    assert answers == [answers[0]] * len(keys)


@GRANTED
def test_a_peer_without_the_grant_is_refused_by_name(fleet, door):
    key = key_of(fleet, door.other_caller, door.callee)

    response = knock(fleet, door, key=key)

    problem = problem_of(response, 403)
    assert problem["code"] == "caller_not_allowed"
    assert "error" not in problem


@ALL
@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"]
)
def test_what_came_through_the_gateway_finds_nothing(fleet, door, header):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key, headers={header: "203.0.113.9"})

    assert problem_of(response, 404)["code"] == "not_found"


@ALL
def test_the_gateway_has_no_internal_doors(fleet, door):
    key = key_of(fleet, door.caller, door.callee)

    response = ask(
        door.method,
        fleet.gateway_url + door.path,
        json=door.body(),
        headers={"X-Internal-API-Key": key},
    )

    assert problem_of(response, 404)["code"] == "route_not_found"


@ALL
def test_an_unknown_path_names_its_cause_to_peers_only(fleet, door):
    path = f"/api/v1/{door.callee}/internal/nothing/here"
    key = key_of(fleet, door.caller, door.callee)

    with_key = knock(fleet, door, key=key, path=path)
    without = knock(fleet, door, key=None, path=path)

    assert problem_of(with_key, 404)["code"] == "route_not_found"
    assert_refused(without)


@ALL
def test_a_wrong_method_names_its_cause(fleet, door):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key, method="DELETE")

    assert problem_of(response, 405)["code"] == "method_not_allowed"
    assert response.headers["Allow"] == "POST"


@ALL
def test_a_body_above_one_mebibyte_is_refused(fleet, door):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key, data=b" " * (1024 * 1024 + 1))

    assert problem_of(response, 413)["code"] == "body_too_large"


@ALL
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"user_id": 5}',
        b'{"user_id": "\\ud800"}',
    ],
    ids=["empty", "cut", "list", "null", "no UTF-8", "deep", "number", "surrogate"],
)
def test_a_body_that_breaks_the_contract_is_a_400(fleet, door, data):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key, data=data)

    problem_of(response, 400)


@KEYED
@pytest.mark.parametrize(
    "idempotency_key",
    [
        "",
        "garbage",
        "0",
        "5b1f2a2e-9f0a-4b53-8a52-0d9c5ac1d2c1",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
        "09e5b2c0-0000-7000-8000-000000000000",
    ],
    ids=["missing", "garbage", "a digit", "UUIDv4", "nil", "year 10889", "year 2314"],
)
def test_an_idempotency_key_that_is_none_is_a_400(fleet, door, idempotency_key):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(fleet, door, key=key, idempotency_key=idempotency_key)

    assert problem_of(response, 400)["code"] == "idempotency_key_invalid"


@KEYED
def test_a_key_older_than_the_inbox_remembers_is_refused(fleet, door):
    key = key_of(fleet, door.caller, door.callee)

    response = knock(
        fleet,
        door,
        key=key,
        idempotency_key="018cc251-f400-7000-8000-000000000000",  # 2024-01-01
    )

    assert problem_of(response, 409)["code"] == "idempotency_key_expired"


@KEYED
def test_the_same_request_again_gets_the_same_answer(fleet, door):
    key, once, body = key_of(fleet, door.caller, door.callee), uuid7(), door.body()

    first = knock(fleet, door, key=key, idempotency_key=once, body=body)
    again = knock(fleet, door, key=key, idempotency_key=once, body=body)
    other = knock(fleet, door, key=key, idempotency_key=once)

    assert first.status_code in (200, 201), first.text
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert problem_of(other, 422)["code"] == "idempotency_key_reused"


def test_a_key_is_good_from_its_issue_until_fifteen_seconds_after_its_end(fleet):
    door = DOORS[0]
    key = fleet.manage("user", "internal_keys", "issue", "--caller", "auth").strip()
    key_id = key.split("_")[1]

    assert knock(fleet, door, key=key).status_code == 201
    fleet.manage("user", "internal_keys", "revoke", key_id, "--force")

    wait_for(
        lambda: knock(fleet, door, key=key).status_code == 403,
        REVOKED_SECONDS,
        "the revoked key refused",
    )
    assert_refused(knock(fleet, door, key=key))
    assert knock(fleet, door, key=key_of(fleet, "auth", "user")).status_code == 201


def test_no_key_is_ever_logged_or_stored(fleet):
    door = DOORS[0]
    key = key_of(fleet, door.caller, door.callee)
    secret = (fleet.platform.var / "auth" / "secrets" / "internal_api_key").read_text()
    wrong = key[:-8] + "0badc0de"

    assert knock(fleet, door, key=key).status_code == 201
    assert_refused(knock(fleet, door, key=wrong))
    assert_refused(knock(fleet, door, key=b"ik_0123456789ab_" + b"z" * 40))

    written = "".join(
        path.read_text(errors="replace") for path in fleet.platform.log.glob("*.log")
    )
    assert "internal key refused" in written
    for text in (key, secret.strip(), wrong, "z" * 40):
        assert text not in written
    assert not re.search(r"ik_[0-9a-z]+_[0-9A-Za-z_-]{32,}", written)
    stored = query(fleet, "user", "SELECT digest FROM peers_internalapikey")
    assert stored
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for (digest,) in stored)
    assert key.split("_", 2)[2] not in {digest for (digest,) in stored}


def assert_refused(response):
    """The promised answer to every key that is none."""
    assert response.headers["Content-Type"] == PROBLEM
    problem = problem_of(response, 403)
    assert problem["error"] == REFUSAL
    assert problem["code"] == "invalid_internal_key"
