"""What leaves the outbox by age: delivered rows. Dead letters wait for a person."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from .models import OutboxMessage
from .verdicts import GIVE_UP_AFTER

KEPT = timedelta(days=7)
BATCH = 1000  # rows per transaction, so that no purge holds the database for long

State = OutboxMessage.State


def purge_delivered(*, now: Callable[[], datetime] = timezone.now) -> int:
    """Delete up to one batch of messages that were delivered a week ago."""
    old = OutboxMessage.objects.filter(
        state=State.DELIVERED, settled_at__lt=now() - KEPT
    ).order_by("settled_at")
    positions = list(old.values_list("position", flat=True)[:BATCH])
    count, _ = OutboxMessage.objects.filter(position__in=positions).delete()
    return count


def expire_pending(*, now: Callable[[], datetime] = timezone.now) -> int:
    """Give up on up to one batch of messages that have waited for a week."""
    old = (
        OutboxMessage.objects.pending()
        .filter(created_at__lt=now() - GIVE_UP_AFTER)
        .filter(queued_at__lt=now() - GIVE_UP_AFTER)
        .order_by("destination", "created_at")
    )
    positions = list(old.values_list("position", flat=True)[:BATCH])
    return (
        OutboxMessage.objects.pending()
        .filter(position__in=positions)
        .update(state=State.DEAD, reason="expired", settled_at=now())
    )
