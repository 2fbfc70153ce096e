"""Takes the messages of a relay in the place of all peers, by a clock of its own."""

import threading
from collections import defaultdict
from datetime import timedelta

from django.utils import timezone

from shared.telemetry.trace import current_trace_id
from shared.wire.errors import (
    CircuitOpen,
    Happened,
    PeerFailed,
    PeerRejected,
    PeerUnavailable,
)


class Receiver:
    """Remembers which messages it took, in order; fails as a test has said."""

    def __init__(self):
        self.taken = []
        self.traces = []
        self.failing = {}  # by message id, ordering key or destination
        self.tries = defaultdict(int)
        self.lock = threading.Lock()

    def __call__(self, message):
        """Take *message*, or fail."""
        with self.lock:
            self.tries[message.id] += 1
            for name in (str(message.id), message.ordering_key, message.destination):
                if error := self.failing.get(name):
                    raise error
            self.taken.append(message)
            self.traces.append(current_trace_id())

    def fail(self, name, error):
        """Fail for a message id, an ordering key or a destination until healed."""
        self.failing[str(name)] = error

    def heal(self, name):
        """Succeed again."""
        self.failing.pop(str(name), None)

    @property
    def ids(self):
        """The ids of what was taken."""
        return [message.id for message in self.taken]


class Now:
    """The relays' time; it stands still until a test moves it."""

    def __init__(self):
        # The rows take the database's own time, which goes on meanwhile.
        self.time = timezone.now() + timedelta(minutes=1)

    def __call__(self):
        return self.time

    def advance(self, **amount):
        """Move on by a timedelta's *amount*."""
        self.time += timedelta(**amount)


def away(outcome="refused"):
    return PeerUnavailable("connection refused", outcome=outcome, attempts=1)


def failed(status=500, **about):
    about = {"happened": Happened.UNKNOWN, "attempts": 1} | about
    return PeerFailed(f"HTTP {status}", status=status, **about)


def rejected(status, code="", **about):
    about = {"attempts": 1} | about
    return PeerRejected("no", status=status, problem={"code": code}, **about)


def circuit_open(retry_after):
    return CircuitOpen("open", retry_after=retry_after)
