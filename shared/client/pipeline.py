"""The path of one call: deadline, policy, breaker, bulkhead, attempt, classification.

    total deadline → policy → retry loop { breaker permit → instance → bulkhead slot
                                           → one attempt → classify → record }

There is no side door: .now(), gather() and the relay all go through it.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

import msgspec
from django.conf import settings

from shared.peers.policy import Policy
from shared.telemetry import metrics
from shared.telemetry.trace import Trace, current_trace
from shared.wire import headers as names
from shared.wire.deadline import Deadline, current_deadline, is_serving_a_peer
from shared.wire.endpoints import Answer, Endpoint, Request, WireRequest
from shared.wire.errors import (
    BulkheadFull,
    CallError,
    CircuitOpen,
    ContractViolation,
    DeadlineExceeded,
    Happened,
    PeerFailed,
    PeerRejected,
    PeerUnavailable,
)
from shared.wire.ids import uuid7

from . import outcomes
from .backoff import (
    IN_PROGRESS_SECONDS,
    RETRY_AFTER_EXTRA_SECONDS,
    full_jitter,
    read_retry_after,
)
from .breaker import Permit, Refusal
from .discovery import Instance, PeerState, directory
from .identity import own_identity
from .outcomes import Again, Breaker, Meaning
from .transport import BrokenExchangeError, NotSentError, WireAnswer

logger = logging.getLogger("shared.calls")

ON_THE_WAY_SECONDS = 0.020  # taken off the time that is passed on
_LEAST_SECONDS = 0.005  # less is not worth a connection
_MOST_DETAIL = 500  # of what a peer says: it goes into logs and outbox rows
# An attempt that our own deadline cut short says nothing about the peer, unless the
# peer was silent for this share of the attempt timeout (docs/decisions/0005).
SILENT_SHARE = 0.5
MOST_ATTEMPTS = 5  # of one call, whatever the policy and the instances
RELAY_ATTEMPT_SECONDS = 2.0
RELAY_TOTAL_SECONDS = 5.0


def call(
    endpoint: Endpoint[Request, Answer],
    request: Request,
    *,
    on_behalf_of: UUID | None = None,
    timeout_seconds: float | None = None,
) -> Answer:
    """Call a peer and return its typed answer; raises one CallError.

    Raises InvalidRequestError, before anything is sent, when the request breaks the
    contract.
    """
    directory.refresh_if_due()
    return call_from_thread(
        endpoint, request, on_behalf_of=on_behalf_of, timeout_seconds=timeout_seconds
    )


def call_from_thread(
    endpoint: Endpoint[Request, Answer],
    request: Request,
    *,
    on_behalf_of: UUID | None = None,
    timeout_seconds: float | None = None,
) -> Answer:
    """Do what :func:`call` does without ever touching the database."""
    peer = directory.peer(endpoint.peer)
    exchange = _Exchange(
        peer=peer,
        endpoint=endpoint,
        wire=endpoint.encode(request),
        policy=peer.policy,
        deadline=_deadline(timeout_seconds or peer.policy.total_timeout_seconds),
        attempts_allowed=1 if is_serving_a_peer() else peer.policy.max_attempts,
        key=uuid7() if endpoint.is_keyed else None,
        on_behalf_of=on_behalf_of,
        trace=current_trace(),
    )
    return exchange.run(endpoint.decode_answer)


def deliver(
    endpoint: Endpoint,
    wire: WireRequest,
    *,
    key: UUID,
    trace: Trace,
    on_behalf_of: UUID | None = None,
) -> None:
    """Deliver one message of the outbox: one attempt, a fresh deadline.

    Raises CallError; any 2xx is a delivery, whatever its body says.
    """
    directory.refresh_if_due()
    peer = directory.peer(endpoint.peer)
    policy = _relay_policy(peer.policy)
    exchange = _Exchange(
        peer=peer,
        endpoint=endpoint,
        wire=wire,
        policy=policy,
        deadline=Deadline.after(policy.total_timeout_seconds),
        attempts_allowed=1,
        key=key,
        on_behalf_of=on_behalf_of,
        trace=trace,
    )
    exchange.run(lambda body: None)


def _relay_policy(policy: Policy) -> Policy:
    attempt = max(RELAY_ATTEMPT_SECONDS, policy.attempt_timeout_seconds)
    return replace(
        policy,
        attempt_timeout_seconds=attempt,
        total_timeout_seconds=max(
            RELAY_TOTAL_SECONDS, policy.total_timeout_seconds, attempt
        ),
        breaker_window_seconds=max(policy.breaker_window_seconds, 2 * attempt),
    )


def _deadline(total_seconds: float) -> Deadline:
    own = Deadline.after(total_seconds)
    outer = current_deadline()
    if outer is not None and outer.remaining() < total_seconds:
        return outer
    return own


@dataclass
class _Exchange:
    """One logical call on its way through the pipeline."""

    peer: PeerState
    endpoint: Endpoint
    wire: WireRequest
    policy: Policy
    deadline: Deadline
    attempts_allowed: int
    key: UUID | None
    on_behalf_of: UUID | None
    trace: Trace
    attempts: int = 0
    has_reloaded_key: bool = False
    shown_key: str = ""
    tried: list[Instance] = field(default_factory=list)
    may_have_happened: bool = False
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    started_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.started_at = self.clock()

    def run(self, read: Callable[[bytes], Answer]) -> Answer:
        """Return what *read* makes of the answer; raise CallError; report either."""
        self.peer.budget.note_call()
        try:
            body = self._until_answered()
            answer = self._read_answer(read, body)
        except CallError as error:
            self._report(error.outcome, error)
            raise
        self._report("ok")
        return answer

    def _until_answered(self) -> bytes:
        while True:
            self._check_time()
            instance, permit = self._choose()
            result = self._attempt(instance, permit)
            if isinstance(result, bytes):
                return result
            error, meaning, retry_after = result
            wait = self._wait_before_retry(error, meaning, retry_after)
            if wait is None:
                raise error
            self.sleep(wait)

    def _check_time(self) -> None:
        if self.deadline.remaining() >= _LEAST_SECONDS:
            return
        stage = "backoff" if self.attempts else "before_send"
        raise DeadlineExceeded(
            "no time is left", stage=stage, **self._about(Happened.NO)
        )

    def _choose(self) -> tuple[Instance, Permit]:
        if not self.peer.instances:
            raise PeerUnavailable(
                f"no address is known; set {self.peer.name.upper()}_SERVICE_URL or add "
                f"the peer in the admin",
                **self._about(Happened.NO, "no_address"),
            )
        choice = self.peer.choose(self.tried)
        if isinstance(choice, Refusal):
            raise CircuitOpen(
                "the circuit breaker is open",
                retry_after=choice.retry_after,
                **self._about(Happened.NO),
            )
        return choice

    def _attempt(
        self, instance: Instance, permit: Permit
    ) -> bytes | tuple[CallError, Meaning, float | None]:
        if not self.peer.bulkhead.take():
            instance.breaker.record(permit, Breaker.NEUTRAL)
            metrics.bulkhead_rejected.labels(self.peer.name).inc()
            raise BulkheadFull(
                f"{self.peer.bulkhead.limit} calls are in flight",
                **self._about(Happened.NO),
            )
        started = self.clock()
        instance.in_flight += 1
        self.attempts += 1
        self.tried.append(instance)
        counts_as = Breaker.NEUTRAL
        try:
            result = self._send(instance)
            counts_as = (
                Breaker.SUCCESS if isinstance(result, bytes) else result[1].breaker
            )
        finally:
            instance.in_flight -= 1
            self.peer.bulkhead.give_back()
            instance.breaker.record(permit, counts_as, self.clock() - started)
            instance.show_state()
        return result

    def _send(
        self, instance: Instance
    ) -> bytes | tuple[CallError, Meaning, float | None]:
        remaining = self.deadline.remaining()
        timeout = min(self.policy.attempt_timeout_seconds, max(remaining, 0.001))
        try:
            answer = self.peer.transport.send(
                method=self.endpoint.method,
                url=instance.url + self.wire.target,
                headers=self._headers(remaining),
                body=self.wire.body,
                connect_timeout_seconds=self.policy.connect_timeout_seconds,
                timeout_seconds=timeout,
            )
        except NotSentError as error:
            return self._not_sent(error, timeout)
        except BrokenExchangeError as error:
            return self._broken(error, timeout)
        return self._classify(answer)

    def _not_sent(
        self, error: NotSentError, timeout: float
    ) -> tuple[CallError, Meaning, None]:
        patience = min(timeout, self.policy.connect_timeout_seconds)
        is_ours = self.deadline.remaining() < _LEAST_SECONDS
        if is_ours and patience < SILENT_SHARE * self.policy.connect_timeout_seconds:
            late = DeadlineExceeded(
                "no time was left to connect",
                stage="attempt",
                **self._about(Happened.NO),
            )
            return late, outcomes.REFUSED_HERE, None
        failure = PeerUnavailable(str(error), **self._about(Happened.NO, "refused"))
        return failure, outcomes.NOT_SENT, None

    def _broken(
        self, error: BrokenExchangeError, timeout: float
    ) -> tuple[CallError, Meaning, None]:
        self.may_have_happened = True
        is_ours = self.deadline.remaining() < _LEAST_SECONDS
        if is_ours and timeout < SILENT_SHARE * self.policy.attempt_timeout_seconds:
            late = DeadlineExceeded(
                "no time was left for the answer",
                stage="attempt",
                **self._about(Happened.UNKNOWN),
            )
            return late, outcomes.OUT_OF_TIME, None
        broken = PeerUnavailable(str(error), **self._about(Happened.UNKNOWN, "broken"))
        return broken, outcomes.BROKEN, None

    def _classify(
        self, answer: WireAnswer
    ) -> bytes | tuple[CallError, Meaning, float | None]:
        status = answer.status
        if 200 <= status < 300:
            if answer.is_too_large:
                violation = self._violation("it is larger than 5 MiB")
                return violation, outcomes.ANSWERED, None
            return answer.body
        problem = _read_problem(answer)
        retry_after = read_retry_after(answer.headers.get(names.RETRY_AFTER))
        meaning = outcomes.meaning_of(
            status,
            code=str(problem.get("code", "")),
            has_retry_after=retry_after is not None,
        )
        if meaning.happened is Happened.UNKNOWN:
            self.may_have_happened = True
        about = self._about(meaning.happened, f"http_{status}")
        detail = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
        detail = detail[:_MOST_DETAIL]
        if status >= 500:
            failed = PeerFailed(detail, status=status, retry_after=retry_after, **about)
            return failed, meaning, retry_after
        if meaning is outcomes.REFUSED:
            # The same key would have brought back a stored success.
            about["happened"] = Happened.NO
        rejected = PeerRejected(detail, status=status, problem=problem, **about)
        rejected.retry_after = retry_after
        return rejected, meaning, retry_after

    def _wait_before_retry(
        self, error: CallError, meaning: Meaning, retry_after: float | None
    ) -> float | None:
        """Return the seconds to wait before the next attempt, None to give up."""
        if meaning.again is Again.RELOAD_KEY:
            if self.has_reloaded_key or not self._has_newer_key():
                return None
            self.has_reloaded_key = True
            return 0.0
        if meaning is outcomes.NOT_SENT and self._has_untried_instance():
            # Nothing was sent, so nothing is multiplied: one dead instance of several
            # costs neither a retry nor a call.
            return 0.0
        if not self._may_repeat(meaning) or self.attempts >= self.attempts_allowed:
            return None
        wait = full_jitter(self.attempts)
        if meaning is outcomes.RUNNING:
            wait = random.uniform(*IN_PROGRESS_SECONDS)  # noqa: S311 - no secret
        elif retry_after is not None:
            wait = min(max(wait, retry_after), wait + RETRY_AFTER_EXTRA_SECONDS)
        if wait >= self.deadline.remaining():
            return None
        if not self.peer.budget.take():
            metrics.retry_budget_exhausted.labels(self.peer.name).inc()
            return None
        return wait

    def _has_untried_instance(self) -> bool:
        if self.attempts >= MOST_ATTEMPTS:
            return False
        return any(instance not in self.tried for instance in self.peer.instances)

    def _has_newer_key(self) -> bool:
        # Another thread may have read the new secret while this one was refused.
        own_identity().reload()
        return own_identity().key_for(self.peer.name) != self.shown_key

    def _may_repeat(self, meaning: Meaning) -> bool:
        if meaning.again is Again.ALWAYS:
            return True
        is_safe = self.endpoint.method == "GET" or self.key is not None
        return meaning.again is Again.KEYED and is_safe

    def _headers(self, remaining: float) -> dict[str, str]:
        passed_on = max(1, int((remaining - ON_THE_WAY_SECONDS) * 1000))
        self.shown_key = own_identity().key_for(self.peer.name)
        headers = {
            names.INTERNAL_KEY: self.shown_key,
            names.TRACEPARENT: self.trace.child().traceparent,
            names.REQUEST_TIMEOUT: str(passed_on),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": settings.SERVICE,
        }
        if self.wire.body is not None:
            headers["Content-Type"] = "application/json"
        if self.key is not None:
            headers[names.IDEMPOTENCY_KEY] = str(self.key)
        if self.on_behalf_of is not None:
            headers[names.ON_BEHALF_OF] = str(self.on_behalf_of)
        return headers

    def _read_answer(self, read: Callable[[bytes], Answer], body: bytes) -> Answer:
        try:
            return read(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._violation(str(error)) from error

    def _violation(self, how: str) -> ContractViolation:
        metrics.contract_violations.labels(self.endpoint.name).inc()
        return ContractViolation(
            f"the answer breaks its contract: {how}", **self._about(Happened.YES)
        )

    def _about(self, happened: Happened, outcome: str = "") -> dict[str, object]:
        if happened is Happened.NO and self.may_have_happened:
            happened = Happened.UNKNOWN
        return {
            "peer": self.peer.name,
            "endpoint": self.endpoint.name,
            "attempts": self.attempts,
            "trace_id": self.trace.trace_id,
            "happened": happened,
            "outcome": outcome,
        }

    def _report(self, outcome: str, error: CallError | None = None) -> None:
        seconds = self.clock() - self.started_at
        metrics.count_call(
            settings.SERVICE,
            self.peer.name,
            self.endpoint.name,
            outcome=outcome,
            seconds=seconds,
            attempts=self.attempts,
            in_use=self.peer.bulkhead.in_use,
        )
        logger.log(
            logging.WARNING if error else logging.INFO,
            "call",
            extra={
                "target": self.peer.name,
                "endpoint": self.endpoint.name,
                "attempt": self.attempts,
                "outcome": outcome,
                "duration_ms": round(seconds * 1000, 1),
                "cause": error.detail if error else None,
            },
        )


def _read_problem(answer: WireAnswer) -> dict[str, object]:
    try:
        document = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
