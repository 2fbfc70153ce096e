"""What an operator should look at first: dead letters, destinations away or paused."""

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from .models import Destination, OutboxMessage


def needs_attention(
    request: HttpRequest, context: dict[str, object]
) -> dict[str, object]:
    """Add the list for the first page of the admin, for those who may act on it."""
    if not request.user.has_perm("outbox.view_outboxmessage"):
        return {**context, "attention": None}
    return {**context, "attention": [*_dead_letters(), *_destinations()]}


def dead_letters_link() -> dict[str, object]:
    """Return the entry of the menu, with the number of dead letters."""
    count = OutboxMessage.objects.dead().count()
    badge = {"badge": str(count)} if count else {}
    return {
        "title": "Dead letters",
        "icon": "mail_off",
        "link": _messages_url("state__exact=dead"),
        **badge,
    }


def _dead_letters() -> list[dict[str, str]]:
    counts = (
        OutboxMessage.objects.dead()
        .values("destination")
        .annotate(count=Count("pk"))
        .order_by("destination")
    )
    return [
        {
            "text": f"{row['count']} dead to {row['destination']}: a person must act.",
            "link": _messages_url(
                f"state__exact=dead&destination={row['destination']}"
            ),
        }
        for row in counts
    ]


def _destinations() -> list[dict[str, str]]:
    rows: QuerySet[Destination] = Destination.objects.order_by("name")
    found = []
    for row in rows:
        link = reverse("admin:outbox_destination_change", args=[row.pk])
        if row.is_paused:
            text = f"{row} is paused: {row.pause_reason}."
            found.append({"text": text, "link": link})
        elif row.state == Destination.State.AWAY:
            text = f"{row} is away since {row.since:%Y-%m-%d %H:%M:%S} UTC."
            found.append({"text": text, "link": link})
    return found


def _messages_url(query: str) -> str:
    return f"{reverse('admin:outbox_outboxmessage_changelist')}?{query}"
