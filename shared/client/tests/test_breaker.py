"""The circuit breaker, by a clock that the tests move."""

import threading

import pytest

from shared.client.breaker import (
    PROBES,
    ROW_IDLE_SECONDS,
    CircuitBreaker,
    Permit,
    Refusal,
    State,
)
from shared.client.outcomes import Breaker
from shared.peers.policy import Policy, PolicyError

FAILURE, NEUTRAL, SUCCESS = Breaker.FAILURE, Breaker.NEUTRAL, Breaker.SUCCESS


def make_breaker(clock, *, chance=0.5, **policy):
    return CircuitBreaker(Policy(**policy), clock=clock, chance=lambda: chance)


def call(breaker, result, seconds=0.0):
    permit = breaker.acquire()
    assert isinstance(permit, Permit)
    breaker.record(permit, result, seconds)


def open_it(breaker):
    for _ in range(5):
        call(breaker, FAILURE)
    assert breaker.state is State.OPEN


def test_dashboards_know_the_states_by_number():
    assert [State.CLOSED, State.HALF_OPEN, State.OPEN] == [0, 1, 2]


def test_five_failures_in_a_row_open_it(clock):
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
    assert breaker.state is State.CLOSED

    call(breaker, FAILURE)

    assert breaker.state is State.OPEN
    assert isinstance(breaker.acquire(), Refusal)


def test_a_success_ends_the_row(clock):
    breaker = make_breaker(clock)
    for result in (*[FAILURE] * 4, SUCCESS, *[FAILURE] * 4):
        call(breaker, result)

    assert breaker.state is State.CLOSED


def test_half_of_ten_calls_failing_opens_it(clock):
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
        call(breaker, SUCCESS)
    assert breaker.state is State.CLOSED

    call(breaker, SUCCESS)
    call(breaker, FAILURE)

    assert breaker.state is State.OPEN


def test_failures_older_than_the_window_do_not_count_for_the_rate(clock):
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
        call(breaker, SUCCESS)
    clock.advance(31)

    call(breaker, FAILURE)
    call(breaker, SUCCESS)

    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("seconds_each", [3, 30, 90])
def test_an_attempt_as_long_as_the_window_opens_by_the_row(clock, seconds_each):
    """The window forgets such failures before the next one arrives."""
    breaker = make_breaker(clock, attempt_timeout_seconds=15, total_timeout_seconds=600)

    for _ in range(5):
        permit = breaker.acquire()
        clock.advance(seconds_each)
        breaker.record(permit, FAILURE, seconds_each)

    assert breaker.state is State.OPEN


def test_a_window_no_longer_than_an_attempt_is_refused():
    with pytest.raises(PolicyError, match="window must be at least twice"):
        Policy(
            attempt_timeout_seconds=10,
            total_timeout_seconds=10,
            breaker_window_seconds=10,
        )


def test_five_idle_minutes_end_the_row(clock):
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
    clock.advance(ROW_IDLE_SECONDS + 1)

    call(breaker, FAILURE)

    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)])
def test_it_stays_open_five_seconds_give_or_take_a_fifth(clock, chance, seconds):
    breaker = make_breaker(clock, chance=chance)
    open_it(breaker)
    assert breaker.acquire().retry_after == pytest.approx(seconds)

    clock.advance(seconds - 0.01)
    assert isinstance(breaker.acquire(), Refusal)
    clock.advance(0.02)

    assert breaker.state is State.HALF_OPEN
    assert isinstance(breaker.acquire(), Permit)


def test_half_open_lets_three_probes_through_at_once(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)

    leaves = [breaker.acquire() for _ in range(10)]

    assert sum(isinstance(leave, Permit) for leave in leaves) == PROBES == 3


def test_threads_together_get_three_probes(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)
    barrier, leaves = threading.Barrier(20), []

    def ask():
        barrier.wait()
        leaves.append(breaker.acquire())

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(leave, Permit) for leave in leaves) == 3


def test_three_successes_close_it_and_forget_the_past(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)

    for _ in range(3):
        call(breaker, SUCCESS)
    assert breaker.state is State.CLOSED
    for _ in range(4):
        call(breaker, FAILURE)

    assert breaker.state is State.CLOSED


def test_one_failed_probe_opens_it_again(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)
    call(breaker, SUCCESS)
    call(breaker, SUCCESS)

    call(breaker, FAILURE)

    assert breaker.state is State.OPEN


def test_a_probe_whose_caller_died_gives_its_place_back(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)
    for _ in range(3):
        breaker.acquire()
    assert isinstance(breaker.acquire(), Refusal)

    clock.advance(2.01)

    for _ in range(3):
        call(breaker, SUCCESS)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("result", [SUCCESS, FAILURE, NEUTRAL])
def test_a_late_result_changes_no_state(clock, result):
    breaker = make_breaker(clock)
    late = [breaker.acquire() for _ in range(6)]
    open_it(breaker)
    clock.advance(6)
    probe = breaker.acquire()

    for permit in late:
        breaker.record(permit, result)

    assert breaker.state is State.HALF_OPEN
    breaker.record(probe, SUCCESS)
    assert breaker.state is State.HALF_OPEN


def test_a_neutral_outcome_opens_nothing(clock):
    breaker = make_breaker(clock)
    late = [breaker.acquire() for _ in range(6)]
    open_it(breaker)
    clock.advance(6)
    for _ in range(3):
        call(breaker, SUCCESS)
    for permit in late:
        breaker.record(permit, FAILURE)
    assert breaker.state is State.CLOSED

    call(breaker, NEUTRAL)

    assert breaker.state is State.CLOSED


def test_slow_calls_open_it_only_when_asked_to(clock):
    asked = make_breaker(clock, breaker_slow_call_percent=50)
    default = make_breaker(clock)

    for breaker in (asked, default):
        for _ in range(10):
            call(breaker, SUCCESS, seconds=0.81)

    assert asked.state is State.OPEN
    assert default.state is State.CLOSED


def test_forced_open_refuses_and_leaves_no_trace(clock):
    breaker = make_breaker(clock, breaker_mode="forced_open")
    assert isinstance(breaker.acquire(), Refusal)
    assert breaker.state is State.OPEN

    breaker.use(Policy())

    assert breaker.state is State.CLOSED
    assert isinstance(breaker.acquire(), Permit)


def test_disabled_lets_every_call_out(clock):
    breaker = make_breaker(clock, breaker_mode="disabled")

    for _ in range(50):
        call(breaker, FAILURE)

    assert breaker.state is State.CLOSED


def test_disabling_an_open_one_lets_calls_out_at_once(clock):
    breaker = make_breaker(clock)
    open_it(breaker)

    breaker.use(Policy(breaker_mode="disabled"))

    call(breaker, FAILURE)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("connect_timeout_seconds", 0),
        ("connect_timeout_seconds", float("nan")),
        ("attempt_timeout_seconds", 0),
        ("attempt_timeout_seconds", 3),
        ("total_timeout_seconds", 601),
        ("max_attempts", 0),
        ("max_attempts", 6),
        ("bulkhead_limit", 0),
        ("breaker_window_seconds", 1.9),
        ("breaker_window_seconds", float("inf")),
        ("breaker_minimum_calls", 1),
        ("breaker_failure_percent", 0),
        ("breaker_failure_percent", 101),
        ("breaker_failures_in_a_row", 0),
        ("breaker_slow_call_percent", 101),
        ("breaker_open_seconds", 0.9),
        ("breaker_open_seconds", float("inf")),
        ("breaker_mode", "off"),
    ],
)
def test_an_unsound_policy_is_refused_with_the_rule(field, value):
    with pytest.raises(PolicyError, match="This policy cannot work: "):
        Policy(**{field: value})


# ── where one value becomes the next ─────────────────────────────────────────


@pytest.mark.parametrize("started_at", [0.0, 1000.0])
def test_the_rate_is_right_from_the_first_call_on(clock, started_at):
    """Monotonic clocks may begin with the machine: buckets without a call are empty."""
    clock.seconds = started_at
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
        call(breaker, SUCCESS)
    call(breaker, SUCCESS)
    assert breaker.state is State.CLOSED

    call(breaker, FAILURE)

    assert breaker.state is State.OPEN


def test_a_row_is_right_from_the_first_call_on(clock):
    clock.seconds = 0.0
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
    assert breaker.state is State.CLOSED

    call(breaker, FAILURE)

    assert breaker.state is State.OPEN


def test_a_tenth_that_fails_opens_nothing_from_the_first_call_on(clock):
    clock.seconds = 0.0
    breaker = make_breaker(clock)
    for result in (*[SUCCESS] * 9, FAILURE):
        call(breaker, result)

    assert breaker.state is State.CLOSED


def test_a_row_begins_anew_after_a_success(clock):
    breaker = make_breaker(clock)
    call(breaker, SUCCESS)

    open_it(breaker)


def test_more_than_half_opens_it_as_half_does(clock):
    breaker = make_breaker(clock)
    for result in (*[FAILURE] * 4, SUCCESS, *[FAILURE] * 2, SUCCESS, SUCCESS):
        call(breaker, result)
    assert breaker.state is State.CLOSED

    call(breaker, FAILURE)

    assert breaker.state is State.OPEN


def test_the_rate_counts_beyond_the_minimum_of_calls(clock):
    breaker = make_breaker(clock)
    for result in (*[SUCCESS] * 6, *[FAILURE] * 4, SUCCESS, *[FAILURE] * 2):
        call(breaker, result)
    assert breaker.state is State.CLOSED

    call(breaker, FAILURE)

    assert breaker.state is State.OPEN


@pytest.mark.parametrize(("seconds", "state"), [(28.9, State.OPEN), (29, State.CLOSED)])
def test_a_call_counts_until_the_window_has_moved_past_its_bucket(
    clock, seconds, state
):
    clock.seconds = 1200.0  # the beginning of a bucket of three seconds
    breaker = make_breaker(clock)
    clock.advance(2)
    for _ in range(4):
        call(breaker, FAILURE)
        call(breaker, SUCCESS)
    clock.advance(seconds - 1)

    call(breaker, SUCCESS)
    call(breaker, FAILURE)

    assert breaker.state is state


@pytest.mark.parametrize(("idle", "state"), [(300, State.OPEN), (301, State.CLOSED)])
def test_a_row_lasts_for_five_idle_minutes(clock, idle, state):
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
    clock.advance(idle)

    call(breaker, FAILURE)

    assert breaker.state is state


def test_a_probe_is_let_through_at_the_very_moment(clock):
    breaker = make_breaker(clock)
    open_it(breaker)

    clock.advance(5)

    assert breaker.state is State.HALF_OPEN
    assert isinstance(breaker.acquire(), Permit)


def test_a_probe_keeps_its_place_for_its_timeout_and_a_second(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)
    for _ in range(3):
        breaker.acquire()

    clock.advance(1.99)

    assert breaker.acquire() == Refusal(0.1)
    clock.advance(0.01)
    assert isinstance(breaker.acquire(), Permit)


def test_what_was_counted_before_it_closed_is_forgotten(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)
    for _ in range(3):
        call(breaker, SUCCESS)

    for result in (FAILURE, FAILURE, FAILURE, FAILURE, SUCCESS, SUCCESS, FAILURE):
        call(breaker, result)

    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(
    ("slow", "seconds", "state"),
    [(5, 0.81, State.OPEN), (4, 0.81, State.CLOSED), (10, 0.8, State.CLOSED)],
)
def test_slow_calls_open_it_from_their_share_on(clock, slow, seconds, state):
    breaker = make_breaker(clock, breaker_slow_call_percent=50)

    for number in range(10):
        call(breaker, SUCCESS, seconds=seconds if number < slow else 0.1)

    assert breaker.state is state


def half_full_breaker(clock):
    """Return a breaker that the next failure opens."""
    breaker = make_breaker(clock)
    for _ in range(4):
        call(breaker, FAILURE)
        call(breaker, SUCCESS)
    call(breaker, SUCCESS)
    return breaker


def test_another_policy_keeps_what_was_counted(clock):
    breaker = half_full_breaker(clock)

    breaker.use(Policy(breaker_open_seconds=20))
    call(breaker, FAILURE)

    assert breaker.acquire() == Refusal(20)


@pytest.mark.parametrize("window_seconds", [15, 60])
def test_another_window_begins_empty(clock, window_seconds):
    breaker = half_full_breaker(clock)

    breaker.use(Policy(breaker_window_seconds=window_seconds))
    call(breaker, FAILURE)

    assert breaker.state is State.CLOSED


def test_what_failed_while_disabled_counts_when_it_is_automatic_again(clock):
    breaker = make_breaker(clock, breaker_mode="disabled")
    for _ in range(6):
        call(breaker, FAILURE)

    breaker.use(Policy())

    assert breaker.state is State.CLOSED
    call(breaker, FAILURE)
    assert breaker.state is State.OPEN


def test_after_it_has_closed_five_in_a_row_open_it_again(clock):
    breaker = make_breaker(clock)
    open_it(breaker)
    clock.advance(6)
    for _ in range(3):
        call(breaker, SUCCESS)

    open_it(breaker)


@pytest.mark.parametrize(("calls", "state"), [(100, State.OPEN), (101, State.CLOSED)])
def test_the_percentage_is_exact(clock, calls, state):
    breaker = make_breaker(clock, breaker_failure_percent=1)
    slow = make_breaker(clock, breaker_slow_call_percent=1)
    for _ in range(calls - 1):
        call(breaker, SUCCESS)
        call(slow, SUCCESS)

    call(breaker, FAILURE)
    call(slow, SUCCESS, seconds=0.81)

    assert breaker.state is slow.state is state
