"""Wait for what must become true: look again and again, and give up in time."""

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

LOOK_EVERY_SECONDS = 0.05


def wait_for(
    look: Callable[[], Value],
    seconds: float,
    what: str,
    clock: Callable[[], float] = time.monotonic,
) -> Value:
    """Return what *look* returns as soon as it is true; fail after *seconds*."""
    began = clock()
    while not (value := look()):
        waited = clock() - began
        assert waited < seconds, f"not within {seconds} s: {what}; last seen: {value!r}"
        time.sleep(LOOK_EVERY_SECONDS)
    return value
