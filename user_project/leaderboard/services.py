"""Keep the standings of weeks and months, in the transaction of what counts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from .models import Standing
from .periods import period_around

KEPT_DAYS = 100  # after its first day; nobody reads a period that is over
PURGED_AT_ONCE = 1000  # rows of one short transaction


def add_to_standings(
    *, user_id: UUID, moment: datetime, increments: Mapping[str, int]
) -> None:
    """Add scores to the learner's week and month of *moment*, however late it is.

    Call it in the transaction of what counts, with the learner's progress locked.
    """
    if not any(increments.values()):
        return
    day = moment.astimezone(UTC).date()
    firsts = {period: period_around(period, day)[0] for period in Standing.Period}
    stored = {
        (standing.period, standing.starts_on): standing
        for standing in Standing.objects.filter(
            user_id=user_id, starts_on__in=firsts.values()
        )
    }
    for period, starts_on in firsts.items():
        standing = stored.get((period, starts_on)) or Standing(
            user_id=user_id, period=period, starts_on=starts_on
        )
        standing.add(increments)
        standing.save()


def purge_standings(*, clock: Callable[[], datetime] = timezone.now) -> int:
    """Delete a batch of standings that are long over; return how many there were."""
    before = clock().astimezone(UTC).date() - timedelta(days=KEPT_DAYS)
    old = Standing.objects.filter(starts_on__lt=before).order_by("starts_on")
    ids = list(old.values_list("pk", flat=True)[:PURGED_AT_ONCE])
    count, _ = Standing.objects.filter(pk__in=ids).delete()
    return count


def erase_standings(*, user_id: UUID) -> None:
    """Take an erased person off every board."""
    Standing.objects.filter(user_id=user_id).delete()
