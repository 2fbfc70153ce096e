"""Mails on the start page of the admin."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Max
from django.http import HttpRequest
from django.utils import timezone

from shared.operators.desk import (
    Concern,
    age_of,
    attention,
    count_of,
    link_to,
    may_view,
)

from .models import Delivery

RECENT = timedelta(days=3)  # nobody waits for an older notice any more


@attention
def mails(request: HttpRequest) -> Iterator[Concern]:
    """Yield that mails were given up."""
    if not may_view(request, Delivery):
        return
    recent = Delivery.objects.failed().filter(created_at__gte=timezone.now() - RECENT)
    found = recent.aggregate(count=Count("pk"), latest=Max("created_at"))
    if found["count"]:
        what = count_of(found["count"], "mail was", "mails were")
        age = age_of(found["latest"])
        link = link_to(request, Delivery, state__exact=Delivery.State.FAILED)
        yield Concern(f"{what} given up, the last of {age} ago.", link)
