"""The breaker against a plain model, in histories that Hypothesis makes up."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
)

from shared.client.breaker import CircuitBreaker, Permit, State
from shared.client.outcomes import Breaker
from shared.peers.policy import Policy

POLICY = Policy(breaker_minimum_calls=4)
PROBE_LEASE = POLICY.attempt_timeout_seconds + 1
RESULTS = st.sampled_from(list(Breaker))


class Model:
    """What the document says, written down without care for speed."""

    def __init__(self):
        self.state = State.CLOSED
        self.generation = 0
        self.opened_at = 0.0
        self.open_seconds = 0.0
        self.probes = {}
        self.good_probes = 0
        self.row = 0
        self.row_at = 0.0
        self.results = []  # (bucket, is_failure)

    def enter(self, state):
        self.state = state
        self.generation += 1
        self.probes, self.good_probes = {}, 0
        if state is State.CLOSED:
            self.row, self.results = 0, []

    def may_call(self, now, permit):
        """Return whether a call may go out now, and note the probe."""
        if self.state is State.OPEN and now >= self.opened_at + self.open_seconds:
            self.enter(State.HALF_OPEN)
        if self.state is State.HALF_OPEN:
            self.probes = {
                key: until for key, until in self.probes.items() if until > now
            }
            if len(self.probes) >= 3:
                return False
            self.probes[permit] = now + PROBE_LEASE
            return True
        return self.state is State.CLOSED

    def note(self, now, permit, generation, result):
        bucket = int(now / (POLICY.breaker_window_seconds / 10))
        if result is not Breaker.NEUTRAL:
            if now - self.row_at > 300:
                self.row = 0
            self.row_at = now
            is_failure = result is Breaker.FAILURE
            self.row = self.row + 1 if is_failure else 0
            self.results.append((bucket, is_failure))
        if generation != self.generation or result is Breaker.NEUTRAL:
            self.probes.pop(permit, None)
            return
        if self.state is State.HALF_OPEN:
            self.probes.pop(permit, None)
            if result is Breaker.FAILURE:
                self.open(now)
            else:
                self.good_probes += 1
                if self.good_probes == 3:
                    self.enter(State.CLOSED)
            return
        live = [failed for number, failed in self.results if number > bucket - 10]
        enough = len(live) >= POLICY.breaker_minimum_calls
        if self.row >= 5 or (enough and 2 * sum(live) >= len(live)):
            self.open(now)

    def open(self, now):
        self.opened_at, self.open_seconds = now, POLICY.breaker_open_seconds
        self.enter(State.OPEN)


class BreakerMachine(RuleBasedStateMachine):
    """Calls begin and end in any order while time goes on."""

    permits = Bundle("permits")

    def __init__(self):
        super().__init__()
        self.now = 1000.0
        self.breaker = CircuitBreaker(
            POLICY, clock=lambda: self.now, chance=lambda: 0.5
        )
        self.model = Model()
        self.number = 0

    @rule(target=permits)
    def begin(self):
        self.number += 1
        leave = self.breaker.acquire()
        allowed = self.model.may_call(self.now, self.number)
        assert isinstance(leave, Permit) is allowed
        if not allowed:
            assert leave.retry_after > 0
        return (self.number, leave, self.model.generation)

    @rule(call=consumes(permits), result=RESULTS)
    def end(self, call, result):
        number, leave, generation = call
        if not isinstance(leave, Permit):
            return
        before = self.breaker.state
        is_late = generation != self.model.generation
        self.breaker.record(leave, result)
        self.model.note(self.now, number, generation, result)
        if is_late:
            assert self.breaker.state is before

    @rule(seconds=st.sampled_from([0.01, 0.5, 1.0, 2.5, 5.0, 16.0, 31.0, 301.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule()
    def a_well_peer_and_time_lead_back_to_closed(self):
        for _ in range(20):
            self.now += POLICY.breaker_open_seconds * 1.3
            leave = self.breaker.acquire()
            self.number += 1
            assert isinstance(leave, Permit) is self.model.may_call(
                self.now, self.number
            )
            if isinstance(leave, Permit):
                generation = self.model.generation
                self.breaker.record(leave, Breaker.SUCCESS)
                self.model.note(self.now, self.number, generation, Breaker.SUCCESS)
        assert self.breaker.state is State.CLOSED

    @invariant()
    def shows_the_state_of_the_model(self):
        model = self.model
        is_over = self.now >= model.opened_at + model.open_seconds
        expected = model.state
        if model.state is State.OPEN and is_over:
            expected = State.HALF_OPEN
        assert self.breaker.state is expected


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True
)
