"""Where the peers are and how to call them, read again every 30 seconds."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, connection

from shared.peers.models import PeerService
from shared.peers.policy import Policy, PolicyError, read_instances
from shared.telemetry import metrics

from .breaker import CircuitBreaker, Permit, Refusal, State
from .budget import RetryBudget
from .bulkhead import Bulkhead
from .transport import Transport

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 30.0


@dataclass(eq=False)
class Instance:
    """One address of a peer, with its breaker."""

    peer: str
    url: str
    breaker: CircuitBreaker
    in_flight: int = 0
    shown_state: State | None = None

    def show_state(self) -> None:
        """Keep the metric at the breaker's state."""
        state = self.breaker.state
        if state is not self.shown_state:
            metrics.breaker_state.labels(self.peer, self.url).set(state)
            if self.shown_state is not None:
                logger.warning(
                    "circuit breaker changed",
                    extra={
                        "target": self.peer,
                        "instance": self.url,
                        "state": state.name.lower(),
                    },
                )
            self.shown_state = state


@dataclass(eq=False)
class PeerState:
    """What a process keeps about one peer."""

    name: str
    policy: Policy
    instances: list[Instance]
    clock: Callable[[], float] = time.monotonic
    transport: Transport = field(default_factory=Transport)
    bulkhead: Bulkhead = field(init=False)
    budget: RetryBudget = field(init=False)
    _turns: itertools.count = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.bulkhead = Bulkhead(self.policy.bulkhead_limit)
        self.budget = RetryBudget(self.clock)

    def choose(
        self, tried: Collection[Instance] = ()
    ) -> tuple[Instance, Permit] | Refusal:
        """Return an instance that may be called: not *tried* yet, then the least busy.

        Ties go round. A refusal carries the time until the first breaker lets a probe
        through.
        """
        instances = self.instances
        if len(instances) > 1:
            turn = next(self._turns) % len(instances)
            turned = instances[turn:] + instances[:turn]
            instances = sorted(
                turned, key=lambda instance: (instance in tried, instance.in_flight)
            )
        wait = float("inf")
        for instance in instances:
            leave = instance.breaker.acquire()
            if isinstance(leave, Permit):
                return instance, leave
            instance.show_state()
            wait = min(wait, leave.retry_after)
        return Refusal(wait)

    def is_well(self) -> bool:
        """Say whether any instance's breaker is closed."""
        return any(
            instance.breaker.state is State.CLOSED for instance in self.instances
        )

    def use(self, policy: Policy, urls: tuple[str, ...]) -> None:
        """Take over what the admin or the environment says now."""
        known = {instance.url: instance for instance in self.instances}
        self.policy = policy
        self.bulkhead.limit = policy.bulkhead_limit
        for instance in self.instances:
            instance.breaker.use(policy)
        self.instances = [
            known.get(url) or new_instance(self.name, url, policy, self.clock)
            for url in urls
        ]


def new_instance(
    peer: str, url: str, policy: Policy, clock: Callable[[], float]
) -> Instance:
    """Return an instance with a closed breaker."""
    return Instance(peer, url, CircuitBreaker(policy, clock=clock))


class Directory:
    """All peers of this process; the last good answer of the database is kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._peers: dict[str, PeerState] = {}
        self._rows: dict[str, tuple[Policy, tuple[str, ...]]] = {}
        self._read_at = float("-inf")

    def peer(self, name: str) -> PeerState:
        """Return the state of a peer, made at its first use."""
        state = self._peers.get(name)
        if state is None:
            with self._lock:
                state = self._peers.get(name) or self._make(name)
        return state

    def refresh_if_due(self) -> None:
        """Read PeerService again when 30 s have passed.

        Not inside a transaction: a failing query would break it.
        """
        if (
            self._clock() - self._read_at < REFRESH_SECONDS
            or connection.in_atomic_block
        ):
            return
        self._read_at = self._clock()
        try:
            self._rows = {row.name: _read_row(row) for row in PeerService.objects.all()}
        except DatabaseError:
            logger.warning("peers not read; the last good list stays", exc_info=True)
            return
        with self._lock:
            for name, state in self._peers.items():
                state.use(*self._wanted(name))

    def show_states(self) -> None:
        """Bring the metric up to now: an open breaker turns half open by itself."""
        with self._lock:
            peers = list(self._peers.values())
        for peer in peers:
            for instance in peer.instances:
                instance.show_state()

    def not_closed(self) -> list[Instance]:
        """Return the instances that this process found away, by their breakers.

        Those of a peer whose breaker an operator has set are not among them.
        """
        with self._lock:
            peers = sorted(self._peers.values(), key=lambda peer: peer.name)
        return [
            instance
            for peer in peers
            if peer.policy.breaker_mode == "auto"
            for instance in peer.instances
            if instance.breaker.state is not State.CLOSED
        ]

    def forget(self) -> None:
        """Drop everything that was learnt; for tests."""
        with self._lock:
            self._peers.clear()
            self._rows.clear()
            self._read_at = float("-inf")

    def _make(self, name: str) -> PeerState:
        policy, urls = self._wanted(name)
        instances = [new_instance(name, url, policy, self._clock) for url in urls]
        state = self._peers[name] = PeerState(name, policy, instances, self._clock)
        return state

    def _wanted(self, name: str) -> tuple[Policy, tuple[str, ...]]:
        policy, urls = self._rows.get(name, (Policy(), ()))
        return policy, urls or tuple(
            url.rstrip("/") for url in settings.PEERS.get(name, ())
        )


def _read_row(row: PeerService) -> tuple[Policy, tuple[str, ...]]:
    try:
        return row.policy(), read_instances(row.instances)
    except PolicyError as error:
        # The admin refuses such a row; somebody wrote it past the admin.
        logger.error(
            "policy refused; defaults are used",
            extra={"target": row.name, "cause": str(error)},
        )
        return Policy(), ()


directory = Directory()
