"""A relay at work in a thread, and threads that do something until they are told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections

from shared.outbox.relay import Relay

LOOK_EVERY_SECONDS = 0.02


@contextmanager
def running(relay: Relay) -> Iterator[Relay]:
    """Run *relay* in a thread until the block ends."""

    def run() -> None:
        try:
            relay.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield relay
    finally:
        relay.stop()
        thread.join()


@contextmanager
def repeating(
    work: Callable[[], None], *, threads: int, every: float
) -> Iterator[None]:
    """Do *work* in each of *threads*, with a pause of *every* seconds."""
    over = threading.Event()

    def run() -> None:
        try:
            while not over.wait(every):
                work()
        finally:
            connections.close_all()

    running_threads = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running_threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in running_threads:
            thread.join()


def wait_until(look: Callable[[], object], seconds: float, what: str) -> float:
    """Return how long it took until *look* was true; fail after *seconds*."""
    began = time.monotonic()
    while not look():
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - began
