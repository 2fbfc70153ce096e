"""Communication on the start page of the admin, for those who may act on it."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from shared.client.discovery import directory
from shared.operators.desk import Concern, age_of, attention, link_to, may_view

from .depth import Depth, depths
from .models import Destination, OutboxMessage


@attention
def communication(request: HttpRequest) -> Iterator[Concern]:
    """Yield dead letters, destinations away or paused, breakers that are not closed."""
    if not may_view(request, OutboxMessage):
        return
    yield from _dead_letters(request)
    yield from _destinations()
    yield from _breakers(request)


def deliveries(request: HttpRequest) -> list[dict[str, object]] | None:
    """Return what waits for each destination; None for who may not see it."""
    if not may_view(request, Destination):
        return None
    return [_delivery(request, depth) for depth in depths()]


def dead_letters_link() -> dict[str, object]:
    """Return the entry of the menu, with the number of dead letters."""
    count = OutboxMessage.objects.dead().count()
    badge = {"badge": str(count)} if count else {}
    messages = reverse("admin:outbox_outboxmessage_changelist")
    return {
        "title": "Dead letters",
        "icon": "mail_off",
        "link": f"{messages}?state__exact=dead",
        **badge,
    }


def _delivery(request: HttpRequest, depth: Depth) -> dict[str, object]:
    since = timezone.now() - timedelta(seconds=depth.oldest_pending_seconds)
    return {
        "destination": depth.destination,
        "state": "paused" if depth.is_paused else depth.state,
        "pending": f"{depth.pending:,}",
        "oldest": timesince(since, depth=1) if depth.pending else "—",
        "dead": f"{depth.dead:,}",
        "link": link_to(request, OutboxMessage, destination=depth.destination),
    }


def _dead_letters(request: HttpRequest) -> Iterator[Concern]:
    counts = (
        OutboxMessage.objects.dead()
        .values_list("destination")
        .annotate(count=Count("pk"))
        .order_by("destination")
    )
    for destination, count in counts:
        filters = {"state__exact": "dead", "destination": destination}
        yield Concern(
            f"{count:,} dead to {destination}: a person must act.",
            link_to(request, OutboxMessage, **filters),
            is_urgent=True,
        )


def _destinations() -> Iterator[Concern]:
    for row in Destination.objects.order_by("name"):
        link = reverse("admin:outbox_destination_change", args=[row.pk])
        if row.is_paused:
            yield Concern(f"{row} is paused: {row.pause_reason}.", link)
        elif row.state == Destination.State.AWAY:
            age = age_of(row.since)
            text = f"{row} is away since {row.since:%d %b, %H:%M} UTC ({age})."
            yield Concern(text, link, is_urgent=True)


def _breakers(request: HttpRequest) -> Iterator[Concern]:
    # Each process has its own; the metrics show those of all.
    for instance in directory.not_closed():
        state = instance.breaker.state.name.lower().replace("_", " ")
        yield Concern(
            f"The breaker for {instance.peer} at {instance.url} is {state}, "
            f"in the process that made this page.",
            link_to(request, Destination, q=instance.peer),
        )
