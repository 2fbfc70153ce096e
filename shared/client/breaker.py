"""A circuit breaker: refuses calls to an instance that does not answer.

As in Nygard, "Release It!" (2nd ed., chapter 5), with a rolling window, a row of
failures, and leases on the probes of the half-open state. The lock is never held during
a call.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from shared.peers.policy import Policy

from .outcomes import Breaker

BUCKETS = 10
PROBES = 3  # at once, while half open
SUCCESSES_TO_CLOSE = 3
OPEN_JITTER = 0.2
# A probe whose caller died gives its place back this long after its timeout.
PROBE_LEASE_MARGIN_SECONDS = 1.0
# A row of failures survives the window, but not five minutes without a call.
ROW_IDLE_SECONDS = 300.0
_HALF_OPEN_WAIT_SECONDS = 0.1


class State(IntEnum):
    """The states, in the order of the metric circuit_breaker_state."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call; its result is recorded with it."""

    generation: int
    number: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """No leave; ask again after *retry_after* seconds."""

    retry_after: float


@dataclass(slots=True)
class _Bucket:
    number: int = -1
    calls: int = 0
    failures: int = 0
    slow: int = 0


class CircuitBreaker:
    """The breaker of one instance. Times are seconds on *clock*."""

    def __init__(
        self,
        policy: Policy,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._state = State.CLOSED
        self._generation = 0
        self._permits = 0
        self._open_until = 0.0
        self._probes: dict[int, float] = {}
        self._probe_successes = 0
        self._row = 0
        self._row_at = 0.0
        self._buckets = [_Bucket() for _ in range(BUCKETS)]

    @property
    def state(self) -> State:
        """The state as the next caller would find it."""
        if self._policy.breaker_mode == "forced_open":
            return State.OPEN
        if self._policy.breaker_mode == "disabled":
            return State.CLOSED
        with self._lock:
            if self._state is State.OPEN and self._clock() >= self._open_until:
                return State.HALF_OPEN
            return self._state

    def use(self, policy: Policy) -> None:
        """Take over a changed policy; what was counted stays counted."""
        with self._lock:
            if policy.breaker_window_seconds != self._policy.breaker_window_seconds:
                self._buckets = [_Bucket() for _ in range(BUCKETS)]
            self._policy = policy

    def acquire(self) -> Permit | Refusal:
        """Return a permit, or a refusal while the instance is thought to be away."""
        mode = self._policy.breaker_mode
        if mode == "forced_open":
            return Refusal(self._policy.breaker_open_seconds)
        with self._lock:
            now = self._clock()
            self._permits += 1
            if mode == "disabled" or self._state is State.CLOSED:
                return Permit(self._generation, self._permits)
            if self._state is State.OPEN:
                if now < self._open_until:
                    return Refusal(self._open_until - now)
                self._enter(State.HALF_OPEN)
            return self._acquire_probe(now)

    def record(self, permit: Permit, result: Breaker, seconds: float = 0.0) -> None:
        """Count the result of a call; a late one changes no state."""
        with self._lock:
            now = self._clock()
            self._count(now, result, seconds)
            if permit.generation != self._generation:
                return
            if self._state is State.HALF_OPEN:
                self._record_probe(permit, result, now)
            elif (
                self._state is State.CLOSED
                and result is not Breaker.NEUTRAL
                and self._should_open(now)
            ):
                self._open(now)

    def _acquire_probe(self, now: float) -> Permit | Refusal:
        self._probes = {
            number: until for number, until in self._probes.items() if until > now
        }
        if len(self._probes) >= PROBES:
            return Refusal(_HALF_OPEN_WAIT_SECONDS)
        lease = self._policy.attempt_timeout_seconds + PROBE_LEASE_MARGIN_SECONDS
        self._probes[self._permits] = now + lease
        return Permit(self._generation, self._permits)

    def _record_probe(self, permit: Permit, result: Breaker, now: float) -> None:
        self._probes.pop(permit.number, None)
        if result is Breaker.FAILURE:
            self._open(now)
        elif result is Breaker.SUCCESS:
            self._probe_successes += 1
            if self._probe_successes >= SUCCESSES_TO_CLOSE:
                self._enter(State.CLOSED)

    def _count(self, now: float, result: Breaker, seconds: float) -> None:
        if result is Breaker.NEUTRAL:
            return
        bucket = self._bucket(now)
        bucket.calls += 1
        bucket.slow += seconds > self._policy.slow_call_seconds
        if now - self._row_at > ROW_IDLE_SECONDS:
            self._row = 0
        self._row_at = now
        if result is Breaker.FAILURE:
            bucket.failures += 1
            self._row += 1
        else:
            self._row = 0

    def _bucket(self, now: float) -> _Bucket:
        number = self._bucket_number(now)
        bucket = self._buckets[number % BUCKETS]
        if bucket.number != number:
            bucket.number, bucket.calls, bucket.failures, bucket.slow = number, 0, 0, 0
        return bucket

    def _bucket_number(self, now: float) -> int:
        return int(now / (self._policy.breaker_window_seconds / BUCKETS))

    def _should_open(self, now: float) -> bool:
        policy = self._policy
        if policy.breaker_mode == "disabled":
            return False
        if self._row >= policy.breaker_failures_in_a_row:
            return True
        oldest = self._bucket_number(now) - BUCKETS + 1
        live = [bucket for bucket in self._buckets if bucket.number >= oldest]
        calls = sum(bucket.calls for bucket in live)
        if calls < policy.breaker_minimum_calls:
            return False
        failures = sum(bucket.failures for bucket in live)
        if failures * 100 >= policy.breaker_failure_percent * calls:
            return True
        slow = sum(bucket.slow for bucket in live)
        slow_limit = policy.breaker_slow_call_percent
        return bool(slow_limit) and slow * 100 >= slow_limit * calls

    def _open(self, now: float) -> None:
        spread = 1 + OPEN_JITTER * (2 * self._chance() - 1)
        self._open_until = now + self._policy.breaker_open_seconds * spread
        self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        self._state = state
        self._generation += 1
        self._probes = {}
        self._probe_successes = 0
        if state is State.CLOSED:
            self._row = 0
            self._buckets = [_Bucket() for _ in range(BUCKETS)]
