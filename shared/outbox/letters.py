"""What operators do with messages and destinations: redeliver, cancel, edit, pause."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

import msgspec
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from shared.inbox.handling import RETENTION as INBOX_RETENTION
from shared.telemetry.trace import read_trace, use_trace
from shared.wire.endpoints import ENDPOINTS
from shared.wire.errors import Happened, InvalidRequestError
from shared.wire.events import EVENTS, Envelope
from shared.wire.ids import uuid7
from shared.wire.structs import decode_json

from .models import Destination, Lane, OutboxMessage
from .wakeup import wake_relays
from .writing import write_message

BATCH = 500  # rows per transaction: no operator's click holds the database for long

Clock = Callable[[], datetime]


class LetterError(Exception):
    """What was asked cannot be done; the text says why, and what helps."""


class InFlightError(LetterError):
    """A relay is delivering messages of this lane at this moment."""


class TooOldError(LetterError):
    """The receiver's inbox no longer remembers the key of this message."""


class NewKeyNeededError(LetterError):
    """The receiver may have the old payload under the old key."""


class SettledError(LetterError):
    """The message is delivered or cancelled already."""


class PayloadError(LetterError):
    """The payload breaks the contract of the message."""


def redeliver(
    messages: Iterable[OutboxMessage],
    *,
    per_second: float = 0,
    clock: Clock = timezone.now,
) -> int:
    """Send dead letters again, under their old keys; returns how many are queued.

    What is not dead is left alone. *per_second* spreads them in time, oldest first.
    Raises TooOldError, having queued none, when an inbox may have forgotten a key.
    """
    positions = _positions(messages)
    now = clock()
    _refuse_forgotten_keys(positions, now)
    queued = 0
    for batch in _batches(positions):
        queued += _queue_again(batch, now, queued, per_second)
    return queued


def cancel(messages: Iterable[OutboxMessage], *, reason: str) -> int:
    """Give up on pending messages and dead letters; returns how many were.

    What a relay has in flight stays as it is, and raises InFlightError after the others
    were cancelled.
    """
    cancelled = in_flight = 0
    for batch in _batches(_positions(messages)):
        rows = OutboxMessage.objects.open().filter(position__in=batch)
        for lane, positions in _by_lane(rows):
            try:
                cancelled += _cancel_in_lane(lane, positions, reason)
            except InFlightError:
                in_flight += len(positions)
    if in_flight:
        raise InFlightError(
            f"{in_flight} in flight: a relay is delivering their lanes. Try again in a "
            f"moment. {cancelled} cancelled."
        )
    return cancelled


@transaction.atomic
def edit_and_redeliver(
    message: OutboxMessage,
    *,
    payload: str,
    new_key: bool,
    clock: Clock = timezone.now,
) -> OutboxMessage:
    """Send *message* again with another payload, under a new key, or both.

    *payload* is what :func:`editable_payload` shows. The original is kept, cancelled.
    Unchanged and without a new key this is a redelivery. Raises NewKeyNeededError for
    an edited payload under the old key, PayloadError, SettledError, InFlightError.
    """
    is_edited = not _same_json(payload, editable_payload(message))
    if is_edited and not new_key:
        raise NewKeyNeededError(
            "An edited message needs a new key: under the old one the receiver would "
            "answer with what it stored, or refuse another payload."
        )
    if not new_key:
        redeliver([message], clock=clock)
        message.refresh_from_db()
        return message
    return _replace(message, payload)


def editable_payload(message: OutboxMessage) -> str:
    """Return what may be edited, as readable JSON: the request or the event's data."""
    value = msgspec.json.decode(message.payload)
    if message.kind == OutboxMessage.Kind.EVENT:
        value = value.get("data", {})  # none is left of an erased person
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def warning_before_new_key(message: OutboxMessage) -> str:
    """Return what an operator must know before this message gets a new key, or ""."""
    if message.happened in ("", Happened.NO):
        return ""
    may = "exists" if message.happened == Happened.YES else "may exist"
    return (
        f"The effect of this message {may} at {message.destination} already "
        f"(happened: {message.happened}). Under a new key it is done a second time. "
        f"Look there first; unchanged and under its old key a redelivery is safe."
    )


@transaction.atomic
def pause(destination: str, reason: str) -> int:
    """Deliver nothing to *destination* until resumed.

    Returns how many lanes are in flight: their relays finish what they hold, within
    the lease. Every other lane stops now.
    """
    Destination.objects.get_or_create(name=destination)
    Destination.objects.filter(name=destination).update(
        is_paused=True, pause_reason=reason, paused_at=Now()
    )
    return Lane.objects.filter(
        destination_id=destination, leased_until__gt=Now()
    ).count()


@transaction.atomic
def resume(destination: str) -> None:
    """Deliver to *destination* again."""
    Destination.objects.filter(name=destination).update(
        is_paused=False, pause_reason="", paused_at=None
    )
    transaction.on_commit(wake_relays, robust=True)


def _positions(messages: Iterable[OutboxMessage]) -> list[int]:
    # Fixed before the first change: the changes alter what a filter selects.
    if isinstance(messages, QuerySet):
        return sorted(messages.values_list("position", flat=True))
    return sorted(message.position for message in messages)


def _batches(positions: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(positions), BATCH):
        yield positions[start : start + BATCH]


def _refuse_forgotten_keys(positions: list[int], now: datetime) -> None:
    forgotten = sum(
        OutboxMessage.objects.dead()
        .filter(position__in=batch, created_at__lt=now - INBOX_RETENTION)
        .count()
        for batch in _batches(positions)
    )
    if forgotten:
        raise TooOldError(
            f"{forgotten} older than {INBOX_RETENTION.days} days: the receiver no "
            f"longer remembers their keys and would refuse them. Give each a new key "
            f"by “Edit and redeliver”, once you know that its effect does not exist."
        )


@transaction.atomic
def _queue_again(
    positions: list[int], now: datetime, before: int, per_second: float
) -> int:
    rows = list(
        OutboxMessage.objects.dead()
        .select_for_update()
        .filter(position__in=positions)
        .only("position")
    )
    OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=OutboxMessage.State.PENDING,
        attempts=0,
        first_attempt_at=None,
        reason="",
        settled_at=None,
        queued_at=Now(),
        not_before=Now(),
    )
    if per_second > 0:
        for number, row in enumerate(rows, start=before):
            row.not_before = now + timedelta(seconds=number / per_second)
        OutboxMessage.objects.bulk_update(rows, ["not_before"])
    transaction.on_commit(wake_relays, robust=True)
    return len(rows)


def _by_lane(
    rows: QuerySet[OutboxMessage],
) -> Iterator[tuple[tuple[str, int], list[int]]]:
    found = sorted(rows.values_list("destination", "lane", "position"))
    for lane, group in groupby(found, key=lambda row: (row[0], row[1])):
        yield lane, [position for _, _, position in group]


@transaction.atomic
def _cancel_in_lane(lane: tuple[str, int], positions: list[int], reason: str) -> int:
    rows = OutboxMessage.objects.open().filter(position__in=positions)
    if rows.pending().exists():
        _take_lane(*lane)
    return rows.update(
        state=OutboxMessage.State.CANCELLED, reason=reason, settled_at=Now()
    )


def _take_lane(destination: str, number: int) -> None:
    """Hold the lane until the transaction ends, and fence off earlier claims."""
    Destination.objects.get_or_create(name=destination)
    Lane.objects.get_or_create(destination_id=destination, number=number)
    lanes = Lane.objects.filter(destination_id=destination, number=number)
    lanes.select_for_update().get()
    if lanes.filter(leased_until__gt=Now()).exists():
        raise InFlightError(
            f"In flight: a relay is delivering lane {destination}/{number}. "
            f"Try again in a moment."
        )
    # A relay that slept past its lease must not settle what changes here.
    lanes.update(token=F("token") + 1)


def _replace(message: OutboxMessage, payload: str) -> OutboxMessage:
    if not OutboxMessage.objects.open().filter(pk=message.pk).exists():
        raise SettledError("This message is delivered or cancelled already.")
    new_id = uuid7()
    sent, ordering_key = _checked(message, payload, str(new_id))
    _cancel_in_lane(
        (message.destination, message.lane), [message.pk], f"replaced by {new_id}"
    )
    with use_trace(read_trace(message.traceparent)):
        copy = write_message(
            kind=message.kind,
            type_=message.type,
            destination=message.destination,
            payload=sent,
            ordering_key=ordering_key,
            on_behalf_of=message.on_behalf_of,
            id_=new_id,
        )
    copy.copy_of = message.id
    copy.save(update_fields=["copy_of"])
    return copy


def _checked(message: OutboxMessage, payload: str, new_id: str) -> tuple[str, str]:
    """Return the payload to store and its ordering key; raises PayloadError."""
    try:
        if message.kind == OutboxMessage.Kind.EVENT:
            return _checked_event(message, payload, new_id)
        return _checked_call(message, payload)
    except InvalidRequestError as error:
        raise PayloadError(_in_words(error)) from error


def _checked_call(message: OutboxMessage, payload: str) -> tuple[str, str]:
    endpoint = ENDPOINTS.get(message.type)
    if endpoint is None:
        raise PayloadError(f"This release has no contract {message.type}.")
    request = decode_json(msgspec.json.Decoder(endpoint.request), payload.encode())
    key = str(getattr(request, endpoint.ordered_by)) if endpoint.ordered_by else ""
    return msgspec.json.encode(request).decode(), key


def _checked_event(
    message: OutboxMessage, payload: str, new_id: str
) -> tuple[str, str]:
    event_type = EVENTS.get(message.type)
    if event_type is None:
        raise PayloadError(f"This release has no event {message.type}.")
    fact = decode_json(event_type.decoder, payload.encode())
    subject = str(getattr(fact, event_type.subject))
    envelope = msgspec.structs.replace(
        msgspec.json.decode(message.payload, type=Envelope),
        id=new_id,
        subject=subject,
        data=msgspec.Raw(msgspec.json.encode(fact)),
    )
    return msgspec.json.encode(envelope).decode(), subject


def _same_json(one: str, other: str) -> bool:
    try:
        return msgspec.json.decode(one) == msgspec.json.decode(other)
    except msgspec.DecodeError:
        return False


def _in_words(error: InvalidRequestError) -> str:
    fields = [
        f"{item['field']}: {item['detail']}" if item["field"] else item["detail"]
        for item in error.errors or []
    ]
    return "; ".join(fields) or error.detail
