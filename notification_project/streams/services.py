"""Open streams with tickets, and put notices in the order in which streams tell them.

A notice that commits late must not be missed, so neither its time nor a sequence is
its place: a stream process gives the positions, to what it sees committed.
"""

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from notification_project.notices.models import UNANNOUNCED, Notice, Reader
from notification_project.notices.templates import DEFAULT_LOCALE

from .errors import TicketNotValidError
from .models import LastPosition, Ticket

TICKET_SECONDS = 30
TICKETS_KEPT = timedelta(hours=1)
PURGE_BATCH = 1000
MOST_REPLAYED = 100
MOST_AT_ONCE = 1000
_WRITTEN_AT_ONCE = 500
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class CatchUp:
    """What a stream begins with: *notices* oldest first, all before *position*."""

    position: int
    notices: list[Notice]
    is_complete: bool
    unread_count: int
    locale: str


def issue_ticket(
    *,
    user_id: UUID,
    session_id: UUID | None,
    token_issued_at: datetime,
    clock: Clock = timezone.now,
) -> str:
    """Return a ticket for one stream of this person."""
    ticket = secrets.token_urlsafe(32)
    now = clock()
    Ticket.objects.create(
        digest=_digest(ticket),
        user_id=user_id,
        session_id=session_id,
        token_issued_at=token_issued_at,
        created_at=now,
        expires_at=now + timedelta(seconds=TICKET_SECONDS),
    )
    return ticket


def redeem_ticket(*, ticket: str, clock: Clock = timezone.now) -> Ticket:
    """Use a ticket up and say whose it was; raises TicketNotValidError."""
    now = clock()
    valid = Ticket.objects.valid(digest=_digest(ticket), now=now)
    found = valid.first()
    # One UPDATE decides which of two that show it at the same time opens a stream.
    if found is None or not valid.update(used_at=now):
        raise TicketNotValidError
    return found


def purge_tickets(*, clock: Clock = timezone.now) -> int:
    """Delete a batch of tickets that are older than an hour."""
    old = Ticket.objects.filter(created_at__lt=clock() - TICKETS_KEPT)
    ids = list(old.order_by("created_at").values_list("pk", flat=True)[:PURGE_BATCH])
    Ticket.objects.filter(pk__in=ids).delete()
    return len(ids)


def erase_tickets(*, user_id: UUID) -> None:
    """Delete the tickets of an erased person."""
    Ticket.objects.filter(user_id=user_id).delete()


@transaction.atomic
def announce(*, user_ids: Collection[UUID]) -> int:
    """Give the notices of these people that have none their positions; return how many.

    Under the lock of LastPosition: positions are committed in their own order.
    """
    last, _ = LastPosition.objects.select_for_update().get_or_create()
    notices = list(
        Notice.objects.of_readers(user_ids)
        .unannounced()
        .order_by("visible_at", "id")
        .only("position")
    )
    for notice in notices:
        last.value += 1
        notice.position = last.value
    Notice.objects.bulk_update(notices, ["position"], batch_size=_WRITTEN_AT_ONCE)
    last.save()
    return len(notices)


def read_news(*, user_ids: Collection[UUID], after: int) -> list[Notice]:
    """Return these people's notices after a position, in order: the next of them."""
    news = Notice.objects.of_readers(user_ids).after(after).order_by("position")
    notices = list(news[:MOST_AT_ONCE])
    unannounced = {item.user_id for item in notices if item.position == UNANNOUNCED}
    if unannounced:
        announce(user_ids=unannounced)
        notices = list(news.filter(position__lt=UNANNOUNCED)[:MOST_AT_ONCE])
    return notices


def catch_up(*, user_id: UUID, after: int | None) -> CatchUp:
    """Return what a person has missed after a position, None: nothing.

    Of more than MOST_REPLAYED only the newest, which is not complete; neither is what
    comes after a position that was never given.
    """
    own = Notice.objects.of_readers([user_id])
    if own.unannounced().exists():
        announce(user_ids=[user_id])
    # Before the notices are read: whatever is above comes with the next news.
    position = LastPosition.objects.values_list("value", flat=True).first() or 0
    notices = []
    if after is not None:
        missed = own.after(after).filter(position__lte=position)
        notices = list(missed.order_by("-position")[: MOST_REPLAYED + 1])
    return CatchUp(
        position=position,
        notices=notices[:MOST_REPLAYED][::-1],
        is_complete=len(notices) <= MOST_REPLAYED and (after or 0) <= position,
        unread_count=own.unread().count(),
        locale=Reader.objects.locale_of(user_id),
    )


def count_unread(*, user_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many notices each of these people has not read."""
    unread = Notice.objects.of_readers(user_ids).unread().order_by()
    counted = unread.values_list("user_id").annotate(Count("pk"))
    return dict.fromkeys(user_ids, 0) | dict(counted)


def locales_of(*, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the language that each of these people reads."""
    known = Reader.objects.filter(user_id__in=user_ids).values_list("user_id", "locale")
    return dict.fromkeys(user_ids, DEFAULT_LOCALE) | dict(known)


def _digest(ticket: str) -> str:
    # Fast on purpose: the ticket is 256 random bits.
    return hashlib.sha256(ticket.encode()).hexdigest()
