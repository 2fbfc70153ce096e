"""Lanes in the database: claim some, settle each, and what is known of peers.

A claim is a lease with a token. A relay that was frozen beyond its lease finds another
token there and settles nothing; nobody has to repair what a crash leaves.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, QuerySet

from shared.wire.errors import Happened

from .models import Destination, Lane, OutboxMessage
from .verdicts import MOST_ATTEMPTS
from .writing import LANES

LEASE = timedelta(seconds=30)
BATCH = 100
PROBE_EVERY = timedelta(seconds=5)
# The two queries of every claim are written down, because messages wait for them:
# through querysets they took five and eleven times as long (SQLite, short lanes).
# What is due is a scalar per lane, one look into an index: of an EXISTS PostgreSQL
# makes a join, which reads every row that waits.
_DUE_LANES = """\
SELECT lane.id, lane.destination_id
FROM outbox_lane AS lane
JOIN outbox_destination AS peer ON peer.name = lane.destination_id
WHERE (lane.leased_until IS NULL OR lane.leased_until < %(now)s)
  AND NOT peer.is_paused
  AND (peer.state = 'up'
       OR peer.next_probe_at IS NULL OR peer.next_probe_at <= %(now)s)
  AND (SELECT message.not_before
       FROM outbox_outboxmessage AS message
       WHERE message.state = 'pending'
         AND message.destination = lane.destination_id
         AND message.lane = lane.number
         AND message.not_before <= %(now)s
       ORDER BY message.not_before
       LIMIT 1) IS NOT NULL
ORDER BY lane.served_at, lane.id
"""
_PENDING_IN_LANE = """\
SELECT *
FROM outbox_outboxmessage
WHERE state = 'pending' AND destination = %s AND lane = %s
ORDER BY position
LIMIT %s
"""


@dataclass(frozen=True)
class Claim:
    """A leased lane and the messages to send, in order."""

    lane_id: int
    destination: str
    number: int
    token: int
    messages: list[OutboxMessage]
    is_probe: bool
    claimed_at: datetime


@dataclass
class Settlement:
    """What became of the messages of a claim."""

    delivered: list[int] = field(default_factory=list)
    not_sent: list[int] = field(default_factory=list)
    changed: list[OutboxMessage] = field(default_factory=list)


def ensure_lanes() -> None:
    """Make the rows of every destination that can be written to, once."""
    pending = OutboxMessage.objects.pending().order_by("destination")
    names = {*settings.PEERS, *pending.values_list("destination", flat=True).distinct()}
    names -= {settings.SERVICE}
    # A destination alone is not enough: pausing one may have made its row.
    whole = Lane.objects.order_by().values("destination").annotate(lanes=Count("pk"))
    known = whole.filter(lanes=LANES).values_list("destination", flat=True)
    new = sorted(names - set(known))
    if not new:
        return
    with transaction.atomic():
        Destination.objects.bulk_create(
            [Destination(name=name) for name in new], ignore_conflicts=True
        )
        Lane.objects.bulk_create(
            [
                Lane(destination_id=name, number=number)
                for name in new
                for number in range(LANES)
            ],
            ignore_conflicts=True,
        )


def expire_leases(holders: Collection[str], now: datetime) -> int:
    """End the leases of relays that are known to be dead; returns how many.

    Only a head start: a lease ends by itself, and the token fences off a holder that
    lives after all. What was in its hands is taken up one by one.
    """
    return Lane.objects.filter(
        leased_by__in=list(holders), leased_until__gt=now
    ).update(leased_until=now - timedelta(seconds=1))


def lease_holders(now: datetime) -> set[str]:
    """Return who holds a lease."""
    held = Lane.objects.filter(leased_until__gt=now).order_by()
    return set(held.values_list("leased_by", flat=True).distinct())


def due_lanes(now: datetime, *, without: Collection[str] = ()) -> list[int]:
    """Return the ids of the lanes that have something to send now, least recently
    served first.

    *without* names destinations that this relay has no sender to spare for.
    """
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_DUE_LANES, {"now": at})
        return [id_ for id_, name in cursor.fetchall() if name not in without]


def claim_lane(now: datetime, *, holder: str) -> Claim | None:
    """Lease the lane that is next; None when nothing is due."""
    claims = claim_lanes(now, holder=holder, most=1)
    return claims[0] if claims else None


def claim_lanes(
    now: datetime,
    *,
    holder: str,
    most: int,
    in_flight: Mapping[str, int] = MappingProxyType({}),
    limit: Callable[[str], int] | None = None,
) -> list[Claim]:
    """Lease up to *most* due lanes in one transaction and return what to send.

    A change that tells five peers is five lanes: one commit for all of them is what
    the first of them waits for. *limit* says how many lanes of a destination a relay
    works on at once, *in_flight* on how many it does already. A claim without messages
    is a lane whose keys all wait: there may be others.

    Counts the attempt of every message before it is sent: a crash after the request
    must not make it free.
    """
    taken = Counter(in_flight)
    limit = limit or (lambda name: most)
    full = [name for name, count in taken.items() if count >= limit(name)]
    # A look outside a transaction: an idle relay costs one SELECT, and a busy one
    # does not repeat it under the lock. A lane that was emptied since gives a claim
    # without messages.
    found = due_lanes(now, without=full)
    if not found:
        return []
    with transaction.atomic():
        lanes = Lane.objects.free(now).filter(pk__in=found).order_by("served_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            lanes = lanes.select_for_update(skip_locked=True, of=("self",))
        due = list(lanes[:most])
        destinations = _lock_destinations({lane.destination_id for lane in due})
        claims = []
        for lane in due:
            name = lane.destination_id
            # Paused since the look: who paused it was told what is in flight.
            if destinations[name].is_paused or taken[name] >= limit(name):
                continue
            claim = _claim(lane, destinations[name], now)
            if claim is None:
                continue
            claims.append(claim)
            taken[name] += bool(claim.messages)
        _count_attempts(claims)
        _lease(claims, now, holder)
        return claims


def _claim(lane: Lane, destination: Destination, now: datetime) -> Claim | None:
    """Return what to send of a lane that is locked; None when the peer is away and
    another lane, or another relay, has the probe.
    """
    is_probe = destination.state == Destination.State.AWAY
    if is_probe and destination.next_probe_at and destination.next_probe_at > now:
        return None
    # A lease that nobody gave back: a message may have ended its relay.
    was_interrupted = lane.leased_until is not None
    if was_interrupted:
        _bury_what_ends_relays(lane, now)
    limit = 1 if is_probe or was_interrupted else BATCH
    messages = _one_suspect_at_a_time(_take_messages(lane, now, limit))
    if is_probe and messages:
        # All relays together send one probe per interval.
        destination.next_probe_at = now + PROBE_EVERY
        destination.save(update_fields=["next_probe_at"])
    return Claim(
        lane.pk,
        lane.destination_id,
        lane.number,
        lane.token + 1,
        messages,
        is_probe,
        now,
    )


def _count_attempts(claims: list[Claim]) -> None:
    messages = [message for claim in claims for message in claim.messages]
    positions = [message.position for message in messages]
    if positions:
        pending = OutboxMessage.objects.pending().filter(position__in=positions)
        pending.update(attempts=F("attempts") + 1)
    for message in messages:
        message.attempts += 1


def _lease(claims: list[Claim], now: datetime, holder: str) -> None:
    work = [claim.lane_id for claim in claims if claim.messages]
    rest = [claim.lane_id for claim in claims if not claim.messages]
    served = {"token": F("token") + 1, "served_at": now}
    if work:
        leased = {"leased_until": now + LEASE, "leased_by": holder}
        Lane.objects.filter(pk__in=work).update(**served, **leased)
    if rest:
        free = {"leased_until": None, "leased_by": ""}
        Lane.objects.filter(pk__in=rest).update(**served, **free)


def _lock_destinations(names: Collection[str]) -> dict[str, Destination]:
    # In one order: two relays must not wait for each other.
    destinations = Destination.objects.filter(pk__in=names).order_by("pk")
    if connection.features.has_select_for_update:
        destinations = destinations.select_for_update()
    return {destination.pk: destination for destination in destinations}


def _bury_what_ends_relays(lane: Lane, now: datetime) -> None:
    """Give up on a message whose deliveries never came to an answer of any kind."""
    OutboxMessage.objects.pending().filter(
        destination=lane.destination_id,
        lane=lane.number,
        attempts__gte=MOST_ATTEMPTS,
        first_attempt_at=None,
    ).update(
        state=OutboxMessage.State.DEAD,
        reason=f"cut off {MOST_ATTEMPTS} times: it may end the relay that sends it",
        happened=Happened.UNKNOWN,
        settled_at=now,
    )


def _take_messages(lane: Lane, now: datetime, limit: int) -> list[OutboxMessage]:
    in_lane = OutboxMessage.objects.pending().filter(
        destination=lane.destination_id, lane=lane.number
    )
    # Almost always that is the whole lane, and no second look is needed.
    due = list(
        OutboxMessage.objects.raw(
            _PENDING_IN_LANE, [lane.destination_id, lane.number, BATCH]
        )
    )
    if len(due) < BATCH:
        waiting = [_when(message) for message in due if message.not_before > now]
        due = [message for message in due if message.not_before <= now]
    else:
        due = list(in_lane.filter(not_before__lte=now).order_by("position")[:BATCH])
        keys = {message.ordering_key for message in due}
        waiting = in_lane.filter(ordering_key__in=keys, not_before__gt=now).values_list(
            "ordering_key", "position", "not_before"
        )
    return _without_waiting_keys(in_lane, due, waiting, now)[:limit]


def _one_suspect_at_a_time(messages: list[OutboxMessage]) -> list[OutboxMessage]:
    """Keep apart what was in the hands of a relay that died.

    An attempt is counted and came to no answer of any kind: that is one of them. Each
    is sent alone, so that the one that ends its relays runs out of attempts without
    those that were claimed with it.
    """
    for number, message in enumerate(messages):
        if message.attempts and message.first_attempt_at is None:
            return messages[: number or 1]
    return messages


def _when(message: OutboxMessage) -> tuple[str, int, datetime]:
    return message.ordering_key, message.position, message.not_before


def _without_waiting_keys(
    in_lane: QuerySet,
    due: list[OutboxMessage],
    waiting_ones: Iterable[tuple[str, int, datetime]],
    now: datetime,
) -> list[OutboxMessage]:
    """Drop messages behind one of their key in back-off; they wait with it."""
    waiting: dict[str, tuple[int, datetime]] = {}
    for key, position, until in waiting_ones:
        if key not in waiting or position < waiting[key][0]:
            waiting[key] = (position, until)
    free = []
    held_back = defaultdict(list)
    for message in due:
        position, until = waiting.get(message.ordering_key, (message.position, now))
        if position < message.position:
            held_back[until].append(message.position)
        else:
            free.append(message)
    for until, positions in held_back.items():
        in_lane.filter(position__in=positions).update(not_before=until)
    return free


def settle(claim: Claim, settlement: Settlement, now: datetime) -> bool:
    """Write what became of a claim's messages and free the lane.

    Returns False, and changes nothing, when the lane was claimed again meanwhile.
    """
    with transaction.atomic():
        released = Lane.objects.filter(pk=claim.lane_id, token=claim.token).update(
            leased_until=None, leased_by=""
        )
        if not released:
            return False
        pending = OutboxMessage.objects.pending()
        if settlement.delivered:
            pending.filter(position__in=settlement.delivered).update(
                state=OutboxMessage.State.DELIVERED,
                settled_at=now,
                last_outcome="delivered",
                last_error="",
                happened="yes",
            )
        if settlement.not_sent:
            pending.filter(position__in=settlement.not_sent).update(
                attempts=F("attempts") - 1
            )
        for message in settlement.changed:
            _write_change(pending, message)
    return True


def _write_change(pending: QuerySet, message: OutboxMessage) -> None:
    pending.filter(position=message.position).update(
        state=message.state,
        attempts=message.attempts,
        deferrals=message.deferrals,
        first_attempt_at=message.first_attempt_at,
        not_before=message.not_before,
        last_outcome=message.last_outcome,
        last_error=message.last_error,
        happened=message.happened,
        reason=message.reason,
        settled_at=message.settled_at,
    )
    if message.state == OutboxMessage.State.PENDING:
        # Its later companions wait with it, so the lane is not due because of them.
        pending.filter(
            destination=message.destination,
            lane=message.lane,
            ordering_key=message.ordering_key,
            position__gt=message.position,
            not_before__lt=message.not_before,
        ).update(not_before=message.not_before)


def mark_away(
    name: str, now: datetime, *, outcome: str, error: str, retry_after: float | None
) -> None:
    """Note that a destination does not answer; it is probed from now on."""
    wait = PROBE_EVERY
    if retry_after is not None:
        wait = timedelta(
            seconds=min(max(retry_after, 0.05), PROBE_EVERY.total_seconds())
        )
    Destination.objects.filter(pk=name, state=Destination.State.UP).update(
        state=Destination.State.AWAY, since=now
    )
    Destination.objects.filter(pk=name).update(
        next_probe_at=now + wait, last_outcome=outcome, last_error=error[:500]
    )


def mark_up(name: str, now: datetime) -> None:
    """Note that a destination answers again, and let nothing wait any longer."""
    with transaction.atomic():
        returned = Destination.objects.filter(
            pk=name, state=Destination.State.AWAY
        ).update(
            state=Destination.State.UP,
            since=now,
            next_probe_at=None,
            last_outcome="delivered",
            last_error="",
        )
        if returned:
            # Not what an operator redelivers at a chosen rate.
            OutboxMessage.objects.pending().filter(
                destination=name, not_before__gt=now
            ).exclude(queued_at__gt=F("created_at")).update(not_before=now)


def note_success(name: str, now: datetime) -> None:
    """Keep when a destination last answered."""
    Destination.objects.filter(pk=name).update(last_success_at=now)
