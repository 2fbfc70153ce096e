"""Time things against each other: round by round, so that drift meets all alike."""

import statistics
import time
from collections.abc import Callable

WARM_UP = 200


def cpu_microseconds(
    functions: dict[str, Callable[[], object]], *, calls: int, rounds: int
) -> dict[str, float]:
    """Return the median CPU time of one call of each function, in microseconds.

    CPU of this process, so that a busy machine changes little; the peer runs in
    another.
    """
    for function in functions.values():
        for _ in range(WARM_UP):
            function()
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            began = time.process_time()
            for _ in range(calls):
                function()
            times[name].append((time.process_time() - began) / calls * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}


def percentile(values: list[float], percent: float) -> float:
    """Return the value below which *percent* of *values* lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
