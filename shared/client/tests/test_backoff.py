"""Waits before the next attempt, and the budget of retries."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.client.backoff import full_jitter, read_retry_after
from shared.client.budget import RetryBudget

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "most"), [(1, 0.05), (2, 0.1), (5, 0.8), (6, 1.0), (10_000, 1.0)]
)
def test_a_wait_is_anything_up_to_a_doubling_bound(attempt, most):
    assert full_jitter(attempt, chance=lambda: 0.0) == 0.0
    assert full_jitter(attempt, chance=lambda: 1.0) == pytest.approx(most)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("3", 3.0),
        (" 3600 ", 3600.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        (None, None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 10_000, None),
        ("\u0663", None),
        ("Thu, 99 Jan 2026 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(value, seconds):
    assert read_retry_after(value, now=NOW.timestamp) == seconds


def test_without_calls_a_burst_of_three_retries_is_left(clock):
    budget = RetryBudget(clock)

    assert [budget.take() for _ in range(5)] == [True] * 3 + [False] * 2


def test_one_retry_a_second_comes_back(clock):
    budget = RetryBudget(clock)
    while budget.take():
        pass
    clock.advance(1)

    assert [budget.take() for _ in range(2)] == [True, False]


def test_retries_are_a_fifth_of_the_calls_and_the_burst(clock):
    budget = RetryBudget(clock)
    for _ in range(100):
        budget.note_call()

    granted = sum(budget.take() for _ in range(100))

    assert granted == 20 + 3


def test_calls_older_than_ten_seconds_earn_nothing(clock):
    budget = RetryBudget(clock)
    for _ in range(100):
        budget.note_call()
    clock.advance(10)

    assert sum(budget.take() for _ in range(100)) == 3


def test_a_long_outage_costs_little_more_than_the_calls_themselves(clock):
    budget = RetryBudget(clock)
    sends = 0
    for _ in range(6_000):  # 100 calls a second for a minute, all failing
        clock.advance(0.01)
        budget.note_call()
        sends += 1 + budget.take() + budget.take()

    assert sends <= math.ceil(6_000 * 1.2) + 60 + 3


def test_a_peer_that_is_only_called_does_not_fill_the_memory(clock):
    budget = RetryBudget(clock)
    for _ in range(50_000):
        clock.advance(0.001)
        budget.note_call()

    assert budget.calls_counted <= 10_001
