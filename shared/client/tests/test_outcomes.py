"""Every row of the outcome table, against a peer that fails for real."""

import time

import pytest

from shared.client.breaker import State
from shared.client.outcomes import Breaker
from shared.wire.errors import (
    ContractViolation,
    Happened,
    PeerFailed,
    PeerRejected,
    PeerUnavailable,
)

from .calls import KEYED_WRITE, READ, UNKEYED_WRITE, ask, use_policy

FAILURE, NEUTRAL, SUCCESS = Breaker.FAILURE, Breaker.NEUTRAL, Breaker.SUCCESS
NO, YES, UNKNOWN = Happened.NO, Happened.YES, Happened.UNKNOWN

IN_PROGRESS = {"code": "in_progress"}

# how the peer fails · error · happened · breaker · sends of a read and a keyed write ·
# sends of an unkeyed write
TABLE = {
    "refused": (lambda p: p.down(), PeerUnavailable, NO, FAILURE, 3, 3),
    "silent": (lambda p: p.hangs(), PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    "dripping head": (
        lambda p: p.drips(0.03, part="head"),
        *(PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    ),
    "dripping body": (
        lambda p: p.drips(0.03, part="body"),
        *(PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    ),
    "reset before": (lambda p: p.resets(), PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    "reset within": (
        lambda p: p.resets(before=False),
        *(PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    ),
    "cut": (lambda p: p.cuts(), PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    "not HTTP": (
        lambda p: p.says(b"SSH-2.0-OpenSSH_9.2\r\n"),
        *(PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    ),
    "two lengths": (
        lambda p: p.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}"),
        *(PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    ),
    "cut chunks": (
        lambda p: p.says(
            b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a"'
        ),
        *(PeerUnavailable, UNKNOWN, FAILURE, 3, 1),
    ),
    "408": (lambda p: p.answers(408), PeerRejected, NO, NEUTRAL, 3, 3),
    "425": (lambda p: p.answers(425), PeerRejected, NO, NEUTRAL, 3, 3),
    "429": (lambda p: p.answers(429, retry_after=0), PeerRejected, NO, NEUTRAL, 3, 3),
    "503 with Retry-After": (
        lambda p: p.answers(503, retry_after=0),
        *(PeerFailed, NO, FAILURE, 3, 3),
    ),
    "500": (lambda p: p.answers(500), PeerFailed, UNKNOWN, FAILURE, 3, 1),
    "502": (lambda p: p.answers(502), PeerFailed, UNKNOWN, FAILURE, 3, 1),
    "503": (lambda p: p.answers(503), PeerFailed, UNKNOWN, FAILURE, 3, 1),
    "504": (lambda p: p.answers(504), PeerFailed, UNKNOWN, FAILURE, 3, 1),
    "507": (lambda p: p.answers(507), PeerFailed, UNKNOWN, FAILURE, 3, 1),
    "409 in progress": (
        lambda p: p.answers(409, json=IN_PROGRESS),
        *(PeerRejected, UNKNOWN, NEUTRAL, 3, 1),
    ),
    "401": (lambda p: p.answers(401), PeerRejected, NO, NEUTRAL, 1, 1),
    "403": (lambda p: p.answers(403), PeerRejected, NO, NEUTRAL, 1, 1),
    "404": (lambda p: p.refuses("gone", status=404), PeerRejected, NO, SUCCESS, 1, 1),
    "422": (lambda p: p.refuses("bad"), PeerRejected, NO, SUCCESS, 1, 1),
    "302": (
        lambda p: p.answers(302, headers={"Location": "http://127.0.0.1:9/"}),
        *(PeerRejected, NO, SUCCESS, 1, 1),
    ),
    "2xx of another shape": (
        lambda p: p.answers(200, json={"success": "yes"}),
        *(ContractViolation, YES, SUCCESS, 1, 1),
    ),
    "2xx without JSON": (
        lambda p: p.answers(200, body=b"<html>"),
        *(ContractViolation, YES, SUCCESS, 1, 1),
    ),
    "2xx in bad UTF-8": (
        lambda p: p.answers(200, body=b'{"success": true, "message": "\xff"}'),
        *(ContractViolation, YES, SUCCESS, 1, 1),
    ),
    "2xx nested too deep": (
        lambda p: p.answers(200, body=b'{"success": ' + b"[" * 100_000),
        *(ContractViolation, YES, SUCCESS, 1, 1),
    ),
    "204": (
        lambda p: p.answers(204, body=b""),
        *(ContractViolation, YES, SUCCESS, 1, 1),
    ),
    "2xx larger than 5 MiB": (
        lambda p: p.huge(5.1),
        *(ContractViolation, YES, SUCCESS, 1, 1),
    ),
    "5xx larger than 5 MiB": (
        lambda p: p.huge(5.1, status=500),
        *(PeerFailed, UNKNOWN, FAILURE, 3, 1),
    ),
}


REFUSED = TABLE["refused"][0]
CALLS = ["read", "keyed write", "unkeyed write"]


def row(name):
    return pytest.param(*TABLE[name], id=name)


rows = pytest.mark.parametrize(
    ("fail", "error", "happened", "breaker", "safe_sends", "unsafe_sends"),
    [row(name) for name in TABLE],
)


@pytest.mark.parametrize("endpoint", [READ, KEYED_WRITE, UNKEYED_WRITE], ids=CALLS)
@rows
def test_a_row_of_the_outcome_table(
    faulty_peer, endpoint, fail, error, happened, breaker, safe_sends, unsafe_sends
):
    peer = faulty_peer("user")
    # Out of reach, so that the breaker never cuts a call short here.
    state = use_policy(breaker_failures_in_a_row=100, breaker_minimum_calls=100)
    sends = unsafe_sends if endpoint is UNKEYED_WRITE else safe_sends
    fail(peer)

    started = time.monotonic()
    with pytest.raises(error) as caught:
        ask(endpoint)
    seconds = time.monotonic() - started

    assert caught.value.attempts == sends
    assert caught.value.happened is happened
    assert caught.value.peer == "user"
    assert caught.value.endpoint == endpoint.name
    assert len(caught.value.trace_id) == 32
    assert len(peer.requests) == (0 if fail is REFUSED else sends)
    # Attempts of 0.4 s, and waits of at most 0.4 s between them.
    assert seconds < 2 * (3 * 0.4 + 2 * 0.4)
    assert state.bulkhead.in_use == 0
    assert state.instances[0].in_flight == 0


@rows
def test_an_outcome_counts_for_the_breaker_as_the_table_says(
    faulty_peer, fail, error, happened, breaker, safe_sends, unsafe_sends
):
    peer = faulty_peer("user")
    state = use_policy(max_attempts=1, breaker_failures_in_a_row=3)
    own = state.instances[0].breaker
    for _ in range(2):
        own.record(own.acquire(), FAILURE)
    fail(peer)

    with pytest.raises(error):
        ask()

    counted = FAILURE
    if own.state is State.CLOSED:
        # A neutral outcome leaves the row of two; a success has ended it.
        own.record(own.acquire(), FAILURE)
        counted = NEUTRAL if own.state is State.OPEN else SUCCESS
    assert counted is breaker


@pytest.mark.parametrize(
    "name",
    ["dripping body", "cut", "reset within", "silent", "2xx larger than 5 MiB"],
)
def test_a_connection_with_a_broken_answer_is_not_used_again(faulty_peer, name):
    peer = faulty_peer("user")
    use_policy(max_attempts=1)
    TABLE[name][0](peer)
    with pytest.raises(TABLE[name][1]):
        ask()
    peer.up()

    assert ask().success

    first, second = peer.requests
    assert first.connection != second.connection


def test_whole_answers_share_one_connection(faulty_peer):
    peer = faulty_peer("user")
    peer.answers(422, times=1)
    peer.answers(500, times=1)
    use_policy(max_attempts=1)

    for _ in range(2):
        with pytest.raises((PeerRejected, PeerFailed)):
            ask()
    ask()

    assert {request.connection for request in peer.requests} == {1}


def test_bytes_behind_an_answer_are_not_the_next_answer(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.wrong_length(times=1)

    assert ask().success
    assert ask().success
    assert len(peer.requests) == 2


def test_a_connection_that_the_peer_has_closed_is_replaced(faulty_peer):
    peer = faulty_peer("user")
    use_policy(max_attempts=1)
    ask()
    peer.closes_idle()

    assert ask(UNKEYED_WRITE).success

    assert peer.opened == 2


def test_an_answer_of_just_under_5_mib_is_read(faulty_peer):
    peer = faulty_peer("user")
    use_policy(attempt_timeout_seconds=5, total_timeout_seconds=10)
    body = b'{"success": true, "x": "' + b"x" * (5 * 1024 * 1024 - 100) + b'"}'
    peer.answers(200, body=body)

    assert ask().success


def test_an_earlier_attempt_that_may_have_happened_is_not_forgotten(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.resets(times=1)
    peer.answers(429)

    with pytest.raises(PeerRejected) as caught:
        ask(KEYED_WRITE)

    assert caught.value.happened is UNKNOWN


def test_a_refusal_under_the_same_key_shows_that_nothing_happened(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.resets(times=1)
    peer.refuses("bad")

    with pytest.raises(PeerRejected) as caught:
        ask(KEYED_WRITE)

    assert caught.value.happened is NO


def test_all_attempts_of_a_call_carry_one_key_and_one_trace(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.answers(500, times=2)

    ask(KEYED_WRITE)

    keys = {request.headers["idempotency-key"] for request in peer.requests}
    parents = [request.headers["traceparent"] for request in peer.requests]
    assert len(peer.requests) == 3
    assert len(keys) == 1
    assert len({parent.split("-")[1] for parent in parents}) == 1
    assert len(set(parents)) == 3


def test_a_peer_without_an_address_is_unavailable(settings):
    settings.PEERS = {**settings.PEERS, "user": []}

    with pytest.raises(PeerUnavailable) as caught:
        ask()

    assert caught.value.outcome == "no_address"
    assert caught.value.attempts == 0
    assert caught.value.happened is NO


def test_a_name_that_nobody_knows_is_not_sent(settings):
    settings.PEERS = {**settings.PEERS, "user": ["http://no-such-host.invalid:8082"]}
    use_policy(max_attempts=1)

    with pytest.raises(PeerUnavailable) as caught:
        ask()

    assert caught.value.happened is NO
    assert caught.value.outcome == "refused"


def test_the_text_of_an_error_is_short_whatever_the_peer_says(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.answers(422, json={"code": "bad", "detail": "x" * 1_000_000})

    with pytest.raises(PeerRejected) as caught:
        ask()

    assert len(caught.value.detail) <= 500
