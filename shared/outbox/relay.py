"""The relay: claims lanes, delivers their messages, settles what became of them.

No I/O happens under a lock or in a transaction. Any number of relays may run, on one
machine or many; together they send every message, in order per key, at least once, and
the receiver's inbox makes it exactly once.
"""

import logging
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial

from django.db import DatabaseError, InterfaceError, connections

from shared.client.discovery import directory
from shared.telemetry import metrics
from shared.telemetry.trace import use_trace
from shared.wire.errors import CallError, Happened

from .clock import DatabaseClock
from .delivery import deliver_message, trace_of
from .lanes import (
    LEASE,
    Claim,
    Settlement,
    claim_lane,
    claim_lanes,
    ensure_lanes,
    expire_leases,
    lease_holders,
    mark_away,
    mark_up,
    note_success,
    settle,
)
from .models import OutboxMessage
from .verdicts import Verdict, apply_failure, is_misconfigured, judge
from .wakeup import WakeUp

logger = logging.getLogger(__name__)

SENDERS = 8
SENDERS_PER_DESTINATION = 4  # a hung peer holds at most half of them
POLL_SECONDS = 1.0
# Stop sending here: the lane must be settled before its lease ends.
LEASE_USED_SECONDS = 0.75 * LEASE.total_seconds()
_DATABASE_BACKOFF_SECONDS = (0.5, 8.0)
_NOTE_SUCCESS_EVERY_SECONDS = 5.0


class Relay:
    """One relay process. Every clock and source of chance can be passed in."""

    def __init__(
        self,
        *,
        deliver: Callable[[OutboxMessage], None] = deliver_message,
        now: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        senders: int = SENDERS,
    ) -> None:
        self._deliver = deliver
        self._now = now or DatabaseClock()
        self._monotonic = monotonic
        self._chance = chance
        self._senders = senders
        self._holder = f"{socket.gethostname()}:{os.getpid()}"[:100]
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._in_flight: Counter[str] = Counter()
        self._noted: dict[str, float] = {}
        self._wake_up: WakeUp | None = None

    def run(self) -> None:
        """Deliver until :meth:`stop`; a database that is away is waited for."""
        self._wake_up = WakeUp()
        pool = ThreadPoolExecutor(self._senders, thread_name_prefix="sender")
        failures = 0
        has_lanes = False
        try:
            while not self._stopping.is_set():
                try:
                    if not has_lanes:
                        ensure_lanes()
                        self._take_over()
                        has_lanes = True
                    if not self._dispatch(pool):
                        self._wake_up.wait(POLL_SECONDS)
                    failures = 0
                except (DatabaseError, InterfaceError):
                    failures += 1
                    logger.exception("database away", extra={"failures": failures})
                    self._wait_for_database(failures)
        finally:
            pool.shutdown(wait=True)
            self._wake_up.close()

    def stop(self) -> None:
        """Finish the message in hand, free the lanes, and return from :meth:`run`."""
        self._stopping.set()
        if self._wake_up:
            self._wake_up.wake()

    def drain(self) -> int:
        """Deliver what is due now, in this thread; returns how many were tried."""
        ensure_lanes()
        tried = 0
        while claim := claim_lane(self._now(), holder=self._holder):
            self._work(claim)
            tried += len(claim.messages)
        return tried

    def _take_over(self) -> None:
        """Go on at once with what relays of this machine had in hand when they died."""
        now = self._now()
        host = self._holder.rpartition(":")[0]
        dead = [
            holder
            for holder in lease_holders(now)
            if holder == self._holder
            or (holder.rpartition(":")[0] == host and not _is_running(holder))
        ]
        count = expire_leases(dead, now)
        if count:
            logger.warning("lanes of a dead relay taken over", extra={"count": count})

    def _dispatch(self, pool: ThreadPoolExecutor) -> bool:
        """Hand claims to free senders; return whether there may be more to do now."""
        with self._lock:
            in_flight = Counter(self._in_flight)
        free = self._senders - in_flight.total()
        if not free:
            return False
        claims = claim_lanes(
            self._now(),
            holder=self._holder,
            most=free,
            in_flight=in_flight,
            limit=self._limit,
        )
        for claim in claims:
            if not claim.messages:
                continue
            with self._lock:
                self._in_flight[claim.destination] += 1
            future = pool.submit(self._work, claim)
            future.add_done_callback(partial(self._finish, claim))
        # With fewer than asked for, all that was due is claimed, except where lanes
        # were left: another look now would only hold up the senders.
        return len(claims) == free or any(
            claim.is_probe or self._is_full(claim.destination) for claim in claims
        )

    def _is_full(self, destination: str) -> bool:
        with self._lock:
            return self._in_flight[destination] >= self._limit(destination)

    def _limit(self, destination: str) -> int:
        return SENDERS_PER_DESTINATION if directory.peer(destination).is_well() else 1

    def _finish(self, claim: Claim, future: Future) -> None:
        with self._lock:
            self._in_flight[claim.destination] -= 1
        if error := future.exception():
            # The lease ends by itself, and the messages are taken up one by one.
            logger.error("a claim was not settled", exc_info=error)
            connections.close_all()
        if self._wake_up:
            self._wake_up.wake()

    def _work(self, claim: Claim) -> None:
        ends_at = self._monotonic() + LEASE_USED_SECONDS
        settlement = Settlement()
        held_keys: set[str] = set()
        is_away = False
        for message in claim.messages:
            is_over = is_away or self._stopping.is_set()
            is_over = is_over or self._monotonic() >= ends_at
            if is_over or message.ordering_key in held_keys:
                settlement.not_sent.append(message.position)
                continue
            try:
                with use_trace(trace_of(message)):
                    self._send(message)
            except CallError as error:
                verdict = self._take_failure(claim, message, error, settlement)
                held_keys.add(message.ordering_key)
                is_away = verdict is Verdict.PEER_AWAY
            else:
                settlement.delivered.append(message.position)
                self._take_success(claim)
        if not settle(claim, settlement, self._now()):
            logger.warning(
                "lease lost; nothing settled",
                extra={"target": claim.destination, "lane": claim.number},
            )

    def _send(self, message: OutboxMessage) -> None:
        """Deliver; a fault of ours is an attempt, so that it blocks one key only."""
        try:
            self._deliver(message)
        except (CallError, DatabaseError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("a message could not be sent", extra=_about(message))
            raise CallError(
                f"{type(error).__name__}: {error}",
                peer=message.destination,
                endpoint=message.type,
                happened=Happened.UNKNOWN,
                outcome="fault",
            ) from error

    def _take_success(self, claim: Claim) -> None:
        name = claim.destination
        metrics.relay_deliveries.labels(name, "delivered").inc()
        if claim.is_probe:
            mark_up(name, self._now())
        if self._monotonic() >= self._noted.get(name, float("-inf")):
            self._noted[name] = self._monotonic() + _NOTE_SUCCESS_EVERY_SECONDS
            note_success(name, self._now())

    def _take_failure(
        self,
        claim: Claim,
        message: OutboxMessage,
        error: CallError,
        settlement: Settlement,
    ) -> Verdict:
        judgement = judge(error)
        metrics.relay_deliveries.labels(claim.destination, error.outcome).inc()
        if judgement.verdict is Verdict.DELIVERED:
            settlement.delivered.append(message.position)
            return judgement.verdict
        verdict = judgement.verdict
        if (
            verdict is Verdict.FAILED
            and not directory.peer(message.destination).is_well()
        ):
            verdict = Verdict.PEER_AWAY
        now = self._now()
        apply_failure(
            message,
            error,
            verdict,
            retry_after=judgement.retry_after,
            now=now,
            chance=self._chance,
        )
        settlement.changed.append(message)
        if verdict is Verdict.PEER_AWAY:
            mark_away(
                claim.destination,
                now,
                outcome=error.outcome,
                error=error.detail,
                retry_after=judgement.retry_after,
            )
        elif claim.is_probe and error.attempts:
            # It answered, if only with a refusal: the peer is there.
            mark_up(claim.destination, now)
        if is_misconfigured(error):
            logger.error("this service is not let in", extra=_about(message))
        if message.state == OutboxMessage.State.DEAD:
            logger.error(
                "dead letter", extra={**_about(message), "reason": message.reason}
            )
        return verdict

    def _wait_for_database(self, failures: int) -> None:
        least, most = _DATABASE_BACKOFF_SECONDS
        wait = min(most, least * 2 ** min(failures - 1, 10))
        connections.close_all()
        self._stopping.wait(wait)


def _about(message: OutboxMessage) -> dict[str, str]:
    return {
        "target": message.destination,
        "endpoint": message.type,
        "message_id": str(message.id),
    }


def _is_running(holder: str) -> bool:
    pid = holder.rpartition(":")[2]
    if not pid.isdigit():
        return True  # not a name that a relay gives itself: its lease ends by itself
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
