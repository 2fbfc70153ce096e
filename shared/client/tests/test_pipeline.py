"""Deadlines, retries, bulkhead, instances and keys of a call, at a real peer."""

import os
import threading
import time
from email.utils import format_datetime

import pytest
from django.utils import timezone

from shared.client.breaker import CircuitBreaker, State
from shared.client.bulkhead import Bulkhead
from shared.client.discovery import directory
from shared.client.identity import own_identity
from shared.client.outcomes import Breaker
from shared.peers.keys import new_secret
from shared.peers.models import PeerService
from shared.testing.faulty_peer import Reply
from shared.wire.deadline import Deadline, serving_a_peer, use_deadline
from shared.wire.errors import (
    BulkheadFull,
    CallError,
    CircuitOpen,
    DeadlineExceeded,
    Happened,
    PeerFailed,
    PeerRejected,
    PeerUnavailable,
)
from shared.wire.ids import uuid7

from .calls import KEYED_WRITE, READ, UNKEYED_WRITE, ask, make_endpoint, use_policy


def seconds_of(call):
    """Return how long *call* takes to fail."""
    started = time.monotonic()
    with pytest.raises((PeerUnavailable, DeadlineExceeded, PeerFailed, PeerRejected)):
        call()
    return time.monotonic() - started


# ── deadlines ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_dripping_peer_cannot_exceed_the_deadline(faulty_peer, part):
    peer = faulty_peer("user")
    use_policy(attempt_timeout_seconds=0.5, total_timeout_seconds=0.5)
    peer.drips(0.05, part=part)

    assert seconds_of(ask) < 2 * 0.5


def test_retries_end_with_the_total_deadline(faulty_peer):
    peer = faulty_peer("user")
    use_policy(attempt_timeout_seconds=0.4, total_timeout_seconds=0.6, max_attempts=5)
    peer.hangs()

    assert seconds_of(ask) < 2 * 0.6
    assert 1 <= len(peer.requests) <= 2


def test_the_time_that_is_passed_on_is_what_remains_less_the_way(faulty_peer):
    peer = faulty_peer("user")
    use_policy()

    ask(timeout_seconds=3)

    passed_on = int(peer.requests[0].headers["x-request-timeout-ms"])
    assert 2_500 < passed_on <= 2_980


def test_a_call_takes_what_its_own_caller_has_left(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.hangs()

    with use_deadline(Deadline.after(0.3)):
        assert seconds_of(ask) < 2 * 0.3

    assert int(peer.requests[0].headers["x-request-timeout-ms"]) <= 280


def test_a_caller_with_more_time_does_not_lengthen_the_policy(faulty_peer):
    peer = faulty_peer("user")
    use_policy(total_timeout_seconds=0.5)

    with use_deadline(Deadline.after(60)):
        ask()

    assert int(peer.requests[0].headers["x-request-timeout-ms"]) <= 480


def test_nothing_is_sent_when_no_time_is_left(faulty_peer):
    peer = faulty_peer("user")
    use_policy()

    with use_deadline(Deadline.after(0.001)), pytest.raises(DeadlineExceeded) as error:
        ask()

    assert error.value.stage == "before_send"
    assert error.value.happened is Happened.NO
    assert peer.requests == []


def test_the_callers_own_short_deadline_says_nothing_about_the_peer(faulty_peer):
    peer = faulty_peer("user")
    state = use_policy(breaker_failures_in_a_row=1)
    peer.hangs()

    with pytest.raises(DeadlineExceeded) as error:
        ask(timeout_seconds=0.1)

    assert error.value.stage == "attempt"
    assert error.value.happened is Happened.UNKNOWN
    assert state.instances[0].breaker.state is State.CLOSED


def test_while_serving_a_peer_a_call_gets_one_attempt(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.answers(500)

    with serving_a_peer(), pytest.raises(PeerFailed):
        ask()

    assert len(peer.requests) == 1


# ── Retry-After and the budget ───────────────────────────────────────────────


def test_retry_after_zero_is_tried_again_soon(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.answers(503, retry_after=0, times=2)

    assert ask().success


def test_a_moderate_retry_after_is_waited_for(faulty_peer):
    peer = faulty_peer("user")
    use_policy(total_timeout_seconds=10)
    peer.answers(429, retry_after=1, times=1)

    started = time.monotonic()
    assert ask(UNKEYED_WRITE).success

    assert 1 <= time.monotonic() - started < 3


@pytest.mark.parametrize(
    "retry_after",
    ["3", "3600", format_datetime(timezone.now().replace(year=2100), usegmt=True)],
)
def test_a_retry_after_beyond_the_deadline_ends_the_call_at_once(
    faulty_peer, retry_after
):
    peer = faulty_peer("user")
    use_policy(total_timeout_seconds=1)
    peer.answers(503, retry_after=retry_after)

    assert seconds_of(ask) < 0.8

    assert len(peer.requests) == 1


def test_garbage_in_retry_after_is_as_good_as_none(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    peer.answers(429, retry_after="when it suits you", times=1)

    assert ask().success


def test_retry_after_reaches_the_caller(faulty_peer):
    peer = faulty_peer("user")
    use_policy(max_attempts=1)
    peer.answers(503, retry_after=7)

    with pytest.raises(PeerFailed) as error:
        ask()

    assert error.value.retry_after == 7


def test_an_outage_does_not_multiply_the_calls(faulty_peer):
    peer = faulty_peer("user")
    use_policy(breaker_mode="disabled")
    peer.answers(500)
    started = time.monotonic()

    for _ in range(60):
        with pytest.raises(PeerFailed):
            ask()

    budget = 0.2 * 60 + 3 + (time.monotonic() - started)
    assert len(peer.requests) <= 60 + budget + 1


# ── bulkhead ─────────────────────────────────────────────────────────────────


def test_a_silent_peer_holds_only_the_slots_of_its_bulkhead(faulty_peer):
    peer = faulty_peer("user")
    state = use_policy(
        bulkhead_limit=3, attempt_timeout_seconds=2, total_timeout_seconds=2
    )
    peer.hangs()
    ends = []

    def hang():
        try:
            ask()
        except CallError as error:
            ends.append(error)

    threads = [threading.Thread(target=hang) for _ in range(3)]
    for thread in threads:
        thread.start()
    peer.wait_for_requests(3)
    started = time.monotonic()

    with pytest.raises(BulkheadFull) as error:
        ask()

    assert time.monotonic() - started < 0.5
    assert error.value.happened is Happened.NO
    assert state.instances[0].breaker.state is State.CLOSED
    peer.closes_idle()
    peer.down()
    for thread in threads:
        thread.join()
    assert len(ends) == 3
    assert state.bulkhead.in_use == 0


def test_no_slot_is_held_between_attempts(faulty_peer):
    peer = faulty_peer("user")
    use_policy(bulkhead_limit=1, total_timeout_seconds=10, attempt_timeout_seconds=2)
    peer.answers(503, retry_after=1, times=1)
    waiting = threading.Thread(target=ask)
    waiting.start()
    peer.wait_for_requests(1)

    deadline = time.monotonic() + 0.9
    answered = 0
    while not answered and time.monotonic() < deadline:
        try:
            answered += ask().success
        except BulkheadFull:
            continue  # the first attempt of the other thread is not yet over

    assert answered == 1
    waiting.join()
    assert len(peer.requests) == 3


def test_threads_never_take_more_slots_than_there_are():
    bulkhead = Bulkhead(10)
    barrier, taken = threading.Barrier(40), []

    def take():
        barrier.wait()
        taken.append(bulkhead.take())

    threads = [threading.Thread(target=take) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 10
    assert bulkhead.in_use == 10


# ── breaker and instances ────────────────────────────────────────────────────


def test_an_open_breaker_refuses_without_a_request(faulty_peer):
    peer = faulty_peer("user")
    use_policy(max_attempts=1, breaker_failures_in_a_row=2)
    peer.answers(500)
    for _ in range(2):
        with pytest.raises(PeerFailed):
            ask()

    with pytest.raises(CircuitOpen) as error:
        ask()

    assert 0 < error.value.retry_after <= 6
    assert error.value.happened is Happened.NO
    assert error.value.attempts == 0
    assert len(peer.requests) == 2


def test_a_breaker_that_opens_between_attempts_keeps_what_is_unknown(faulty_peer):
    peer = faulty_peer("user")
    use_policy(breaker_failures_in_a_row=1)
    peer.resets()

    with pytest.raises(CircuitOpen) as error:
        ask(KEYED_WRITE)

    assert error.value.happened is Happened.UNKNOWN
    assert error.value.attempts == 1


def test_a_forced_open_peer_is_not_called(faulty_peer):
    peer = faulty_peer("user")
    use_policy(breaker_mode="forced_open")

    with pytest.raises(CircuitOpen):
        ask()

    assert peer.requests == []


def test_calls_go_round_the_instances(faulty_peer):
    peers = [faulty_peer("user"), faulty_peer("user"), faulty_peer("user")]
    use_policy()

    for _ in range(9):
        ask()

    assert [len(peer.requests) for peer in peers] == [3, 3, 3]


def test_a_dead_instance_costs_no_call(faulty_peer):
    dead, alive = faulty_peer("user"), faulty_peer("user")
    use_policy()
    dead.down()

    for _ in range(20):
        assert ask().success

    assert len(alive.requests) == 20


def test_a_peer_is_open_when_all_its_instances_are(faulty_peer):
    peers = [faulty_peer("user"), faulty_peer("user")]
    state = use_policy(max_attempts=1, breaker_failures_in_a_row=1)
    for peer in peers:
        peer.answers(500)

    for _ in range(2):
        with pytest.raises(PeerFailed):
            ask()

    assert not state.is_well()
    with pytest.raises(CircuitOpen):
        ask()


def test_a_relays_only_attempt_goes_past_a_dead_instance(faulty_peer):
    dead, alive = faulty_peer("user"), faulty_peer("user")
    use_policy(max_attempts=1)
    dead.down()

    for _ in range(4):
        with serving_a_peer():
            assert ask(UNKEYED_WRITE).success

    assert len(alive.requests) == 4


def test_a_retry_goes_to_another_instance(faulty_peer):
    peers = [faulty_peer("user"), faulty_peer("user"), faulty_peer("user")]
    use_policy()
    for peer in peers:
        peer.answers(500)

    with pytest.raises(PeerFailed):
        ask()

    assert [len(peer.requests) for peer in peers] == [1, 1, 1]


def test_the_least_busy_instance_is_chosen(faulty_peer):
    busy, idle = faulty_peer("user"), faulty_peer("user")
    state = use_policy()
    state.instances[0].in_flight = 1

    for _ in range(3):
        ask()

    assert (len(busy.requests), len(idle.requests)) == (0, 3)


# ── rows of the admin ────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_row_of_the_admin_overrides_the_environment(faulty_peer):
    old, new = faulty_peer("user"), faulty_peer("notification")
    old_url = directory.peer("user").instances[0].url
    PeerService.objects.create(name="user", instances=new.url, max_attempts=2)

    directory.refresh_if_due()

    assert ask().success
    assert (len(old.requests), len(new.requests)) == (0, 1)
    assert directory.peer("user").policy.max_attempts == 2
    assert directory.peer("user").instances[0].url != old_url


@pytest.mark.django_db(transaction=True)
def test_a_changed_row_counts_after_thirty_seconds_and_keeps_the_breaker(clock):
    from shared.client.discovery import Directory

    known = Directory(clock)
    known.refresh_if_due()
    breaker = known.peer("user").instances[0].breaker
    PeerService.objects.create(name="user", bulkhead_limit=2)

    clock.advance(29)
    known.refresh_if_due()
    assert known.peer("user").bulkhead.limit == 10
    clock.advance(2)
    known.refresh_if_due()

    assert known.peer("user").bulkhead.limit == 2
    assert known.peer("user").instances[0].breaker is breaker


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_deleted_brings_the_defaults_back(clock):
    from shared.client.discovery import Directory

    known = Directory(clock)
    row = PeerService.objects.create(name="user", bulkhead_limit=2)
    known.refresh_if_due()
    assert known.peer("user").bulkhead.limit == 2
    row.delete()
    clock.advance(31)

    known.refresh_if_due()

    assert known.peer("user").bulkhead.limit == 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "bad",
    [
        {"attempt_timeout_seconds": 100},
        {"instances": "not an address"},
        {"instances": "http://host:99999"},
        {"breaker_window_seconds": 0.1},
    ],
)
def test_a_row_written_past_the_admin_falls_back_to_the_defaults(settings, bad, caplog):
    PeerService.objects.create(name="user", **bad)

    directory.refresh_if_due()

    peer = directory.peer("user")
    assert peer.policy.attempt_timeout_seconds == 1.0
    assert [instance.url for instance in peer.instances] == settings.PEERS["user"]
    assert "policy refused" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_the_rows_are_not_read(django_assert_num_queries):
    from django.db import transaction

    with transaction.atomic(), django_assert_num_queries(0):
        directory.refresh_if_due()


# ── who calls ────────────────────────────────────────────────────────────────


@pytest.fixture
def secret_file(settings, tmp_path):
    """Give the file of this service's secret, as a rotation replaces it."""
    path = tmp_path / "internal_api_key"
    path.write_text(settings.INTERNAL_API_KEY)
    settings.INTERNAL_API_KEY_FILE = str(path)
    own_identity.cache_clear()
    yield path
    own_identity.cache_clear()


def accept_only(secret, before_refusal=lambda: None):
    """Return a reply that refuses other keys than *secret* gives."""

    def reply(request):
        if request.headers["x-internal-api-key"] == secret.for_callee("user").text:
            return Reply()
        before_refusal()
        return Reply(403, {"code": "invalid_internal_key"})

    return reply


def test_a_refused_key_is_read_again_once(faulty_peer, secret_file):
    peer, secret = faulty_peer("user"), new_secret()
    use_policy(max_attempts=1)
    ask()
    secret_file.write_text(secret.text + "\n")
    peer.replies(accept_only(secret))

    assert ask(UNKEYED_WRITE).success

    assert len(peer.requests) == 3


def test_a_key_that_another_thread_has_read_meanwhile_is_used(faulty_peer, secret_file):
    peer, secret = faulty_peer("user"), new_secret()
    use_policy(max_attempts=1)
    ask()
    secret_file.write_text(secret.text)
    peer.replies(accept_only(secret, before_refusal=own_identity().reload))

    assert ask().success


def test_a_key_that_stays_refused_is_not_tried_for_ever(faulty_peer, secret_file):
    peer = faulty_peer("user")
    use_policy()
    ask()
    secret_file.write_text(new_secret().text)
    peer.refuses("invalid_internal_key", status=403)

    with pytest.raises(PeerRejected) as error:
        ask()

    assert error.value.attempts == 2
    assert error.value.happened is Happened.NO


def test_a_broken_secret_file_keeps_the_old_key(faulty_peer, secret_file, caplog):
    peer = faulty_peer("user")
    use_policy()
    secret_file.write_text("half a ke")
    peer.refuses("invalid_internal_key", status=403)

    with pytest.raises(PeerRejected) as error:
        ask()

    assert error.value.attempts == 1
    assert "half a ke" not in caplog.text


def test_each_callee_is_shown_a_key_of_its_own(faulty_peer, settings):
    user, auth = faulty_peer("user"), faulty_peer("auth")
    use_policy("user")
    use_policy("auth")
    own_identity.cache_clear()

    ask()
    ask(make_endpoint(peer="auth"))

    shown = [peer.requests[0].headers["x-internal-api-key"] for peer in (user, auth)]
    assert shown[0] != shown[1]
    assert settings.INTERNAL_API_KEY not in shown


def test_the_person_is_named_beside_the_key(faulty_peer):
    peer, person = faulty_peer("user"), uuid7()
    use_policy()

    ask(on_behalf_of=person)

    assert peer.requests[0].headers["x-on-behalf-of"] == str(person)


# ── processes ────────────────────────────────────────────────────────────────


def test_a_forked_process_opens_connections_of_its_own(faulty_peer):
    peer = faulty_peer("user")
    use_policy()
    ask()

    child = os.fork()
    if not child:
        os._exit(0 if ask().success else 1)
    _, status = os.waitpid(child, 0)
    ask()

    assert status == 0
    assert [request.connection for request in peer.requests] == [1, 2, 1]


def test_the_pool_is_made_anew_every_five_minutes(faulty_peer, clock):
    from shared.client.transport import Transport

    peer = faulty_peer("user")
    transport = Transport(clock)

    def send():
        return transport.send(
            method="GET",
            url=peer.url + "/",
            headers={},
            body=None,
            connect_timeout_seconds=1,
            timeout_seconds=1,
        )

    send()
    clock.advance(299)
    send()
    clock.advance(2)
    send()

    assert [request.connection for request in peer.requests] == [1, 1, 2]


def test_an_environment_with_a_proxy_is_not_asked(faulty_peer, monkeypatch):
    peer = faulty_peer("user")
    use_policy()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert ask().success

    assert len(peer.requests) == 1


def test_a_refusal_by_an_open_breaker_takes_under_a_millisecond(faulty_peer):
    faulty_peer("user")
    state = use_policy()
    breaker: CircuitBreaker = state.instances[0].breaker
    for _ in range(5):
        breaker.record(breaker.acquire(), Breaker.FAILURE)
    times = []
    for _ in range(200):
        started = time.perf_counter()
        state.choose()
        times.append(time.perf_counter() - started)

    assert sorted(times)[100] < 0.001


def test_read_is_what_a_get_carries(faulty_peer):
    peer = faulty_peer("user")
    use_policy()

    ask(READ)

    assert peer.requests[0].target == "/api/v1/user/internal/ask?name=an"
    assert peer.requests[0].body == b""
    assert "idempotency-key" not in peer.requests[0].headers
