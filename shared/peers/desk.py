"""Peers and their keys on the start page of the admin."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.timesince import timeuntil

from shared.operators.desk import Concern, attention, link_to, may_view

from .models import InternalAPIKey, PeerService

EXPIRES_SOON = timedelta(days=14)
# Longer than the longest holiday of a caller that has another key.
UNUSED_FOR = timedelta(days=30)


@attention
def breakers_set_by_hand(request: HttpRequest) -> Iterator[Concern]:
    """Yield the peers whose breaker an operator has set."""
    if not may_view(request, PeerService):
        return
    rows = PeerService.objects.exclude(breaker_mode=PeerService.BreakerMode.AUTO)
    for row in rows:
        yield Concern(
            f"The breaker of {row} is {row.get_breaker_mode_display()} "
            f"({row.breaker_reason or 'no reason given'}).",
            link_to(request, PeerService, breaker_mode__exact=row.breaker_mode),
            is_urgent=row.breaker_mode == PeerService.BreakerMode.FORCED_OPEN,
        )


@attention
def keys(request: HttpRequest) -> Iterator[Concern]:
    """Yield the keys that expire soon, and those that their caller has left behind."""
    if not may_view(request, InternalAPIKey):
        return
    now = timezone.now()
    by_caller = defaultdict(list)
    for key in InternalAPIKey.objects.valid():
        by_caller[key.caller].append(key)
    for caller, its_keys in sorted(by_caller.items()):
        link = link_to(request, InternalAPIKey, caller=caller)
        for key in its_keys:
            if key.expires_at and key.expires_at < now + EXPIRES_SOON:
                left = timeuntil(key.expires_at, now, depth=1)
                text = f"The key {key.key_id} of {caller} expires in {left}."
                yield Concern(text, link, is_urgent=len(its_keys) == 1)
            elif _is_left_behind(key, its_keys, now):
                yield Concern(
                    f"The key {key.key_id} of {caller} is not used any more: "
                    f"another one is. Revoke it.",
                    link,
                )


def _is_left_behind(
    key: InternalAPIKey, its_keys: list[InternalAPIKey], now: datetime
) -> bool:
    """Say whether a caller uses another key, and not this one for a month.

    A caller with one key may be one that seldom calls.
    """
    used_at = key.last_used_at or key.created_at
    others = [other for other in its_keys if other is not key and other.last_used_at]
    return used_at < now - UNUSED_FOR and any(
        other.last_used_at > used_at for other in others
    )
