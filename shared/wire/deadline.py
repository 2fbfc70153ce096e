"""When nobody waits for an answer any more, on the monotonic clock."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on *clock*, in seconds."""

    at: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def after(
        cls, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> "Deadline":
        """Return the deadline that ends *seconds* from now."""
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Return the seconds that are left; negative when it has passed."""
        return self.at - self.clock()


_deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)
_serving: ContextVar[bool] = ContextVar("serving_a_peer", default=False)


def current_deadline() -> Deadline | None:
    """Return the deadline of the request that is being served, if it has one."""
    return _deadline.get()


@contextmanager
def use_deadline(deadline: Deadline | None) -> Iterator[None]:
    """Make *deadline* the current one inside the block."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def is_serving_a_peer() -> bool:
    """Say whether the work in hand answers another service, which retries itself."""
    return _serving.get()


@contextmanager
def serving_a_peer() -> Iterator[None]:
    """Mark the block as work for a peer: calls made in it get one attempt."""
    token = _serving.set(True)
    try:
        yield
    finally:
        _serving.reset(token)
