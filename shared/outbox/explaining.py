"""Why a message is not delivered yet, or what became of it, in one sentence."""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince

from .models import Destination, Lane, OutboxMessage

State = OutboxMessage.State
_HAPPENED = {
    "": "nobody knows whether it happened",
    "no": "it did not happen",
    "unknown": "it may have happened",
    "yes": "it happened",
}


def explain(
    message: OutboxMessage, *, clock: Callable[[], datetime] = timezone.now
) -> str:
    """Return one sentence about *message*: the relay's view, as it last wrote it."""
    if message.state == State.DELIVERED:
        return f"Delivered to {message.destination} at {_time(message.settled_at)}."
    if message.state == State.CANCELLED:
        return f"Cancelled at {_time(message.settled_at)}: {message.reason}."
    if message.state == State.DEAD:
        return _explain_death(message)
    now = clock()
    return (
        _paused(message)
        or _destination_away(message, now)
        or _lane_in_work(message, now)
        or _behind_another(message, now)
        or _in_back_off(message, now)
        or _due(message, now)
    )


def _explain_death(message: OutboxMessage) -> str:
    return (
        f"Given up at {_time(message.settled_at)} after "
        f"{_count(message.attempts, 'attempt')}, because {message.reason} "
        f"(last outcome: {message.last_outcome or 'none'}; "
        f"{_HAPPENED[message.happened]}); it waits for a person to redeliver, "
        f"edit or cancel it."
    )


def _paused(message: OutboxMessage) -> str:
    destination = _destination(message)
    if not destination or not destination.is_paused:
        return ""
    return (
        f"Waits because deliveries to {message.destination} are paused since "
        f"{_time(destination.paused_at)}: {destination.pause_reason}."
    )


def _lane_in_work(message: OutboxMessage, now: datetime) -> str:
    lane = Lane.objects.filter(
        destination_id=message.destination,
        number=message.lane,
        leased_until__gt=now,
    ).first()
    if not lane:
        return ""
    return (
        f"Its lane {lane} is being delivered by {lane.leased_by}, whose lease ends at "
        f"{_time(lane.leased_until)}."
    )


def _destination_away(message: OutboxMessage, now: datetime) -> str:
    destination = _destination(message)
    if not destination or destination.state != Destination.State.AWAY:
        return ""
    probe = destination.next_probe_at
    next_probe = f"at {_time(probe)}" if probe and probe > now else "is due now"
    return (
        f"Waits because {message.destination} is away since {_time(destination.since)} "
        f"({destination.last_error or destination.last_outcome or 'no answer'}); the "
        f"next probe {next_probe}."
    )


def _behind_another(message: OutboxMessage, now: datetime) -> str:
    earlier = (
        OutboxMessage.objects.pending()
        .filter(
            destination=message.destination,
            lane=message.lane,
            ordering_key=message.ordering_key,
            position__lt=message.position,
        )
        .order_by("position")
        .first()
    )
    if not earlier:
        return ""
    why = ""
    if earlier.not_before > now:
        why = f", which is in back-off until {_time(earlier.not_before)}"
    return (
        f"Waits behind message {earlier.id} ({earlier.type}) of the same ordering key "
        f"{message.ordering_key}{why}."
    )


def _in_back_off(message: OutboxMessage, now: datetime) -> str:
    if message.not_before <= now:
        return ""
    if not message.attempts and not message.deferrals:
        return f"Is not to be sent before {_time(message.not_before)}."
    return (
        f"In back-off until {_time(message.not_before)} after "
        f"{_count(message.attempts, 'attempt')} and "
        f"{_count(message.deferrals, 'deferral')} "
        f"({message.last_error or message.last_outcome})."
    )


def _due(message: OutboxMessage, now: datetime) -> str:
    waiting = timesince(message.not_before, now)
    return (
        f"Due since {_time(message.not_before)} ({waiting}) and waits for a relay; "
        f"when this lasts longer than a minute, see whether run_worker is running."
    )


def _destination(message: OutboxMessage) -> Destination | None:
    return Destination.objects.filter(name=message.destination).first()


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "an unknown time"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
