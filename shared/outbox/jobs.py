"""Work that repeats: each job runs in the worker, one after the other."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections

from shared.inbox.handling import purge_inbox
from shared.server.revocation import purge_revocations
from shared.telemetry import metrics

from .purging import expire_pending, purge_delivered

logger = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """A function that does one bounded batch and returns how much it did.

    It runs every *every_seconds*, and again at once as long as it finds work.
    """

    name: str
    every_seconds: float
    run: Callable[[], int]


_jobs: list[Job] = [
    Job("purge delivered messages", 60, purge_delivered),
    Job("expire pending messages", 60, expire_pending),
    Job("purge the inbox", 300, purge_inbox),
    Job("purge revocations", 300, purge_revocations),
]


def every(
    seconds: float, name: str
) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a service's own periodic function; for an app's jobs.py."""

    def register(run: Callable[[], int]) -> Callable[[], int]:
        _jobs.append(Job(name, seconds, run))
        return run

    return register


class Timetable:
    """Runs every job when it is due."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}

    def run_due(self) -> int:
        """Run what is due once; returns how much the jobs did."""
        done = 0
        for job in _jobs:
            if self._clock() < self._due.get(job.name, 0.0):
                continue
            count = self._run(job)
            done += count
            # More of the same: go on soon instead of in a minute.
            wait = 0.0 if count else job.every_seconds
            self._due[job.name] = self._clock() + wait
        return done

    def run(self, stopping: threading.Event) -> None:
        """Run jobs until *stopping* is set."""
        while not stopping.wait(_LOOK_EVERY_SECONDS):
            self.run_due()

    def _run(self, job: Job) -> int:
        try:
            count = job.run()
        except Exception:
            # The outermost loop of a thread: one bad job must not end the others.
            logger.exception("job failed", extra={"job": job.name})
            metrics.job_failures.labels(job.name).inc()
            connections.close_all()
            return 0
        if count:
            logger.info("job done", extra={"job": job.name, "count": count})
        return count
