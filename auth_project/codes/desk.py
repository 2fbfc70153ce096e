"""Codes on the start page of the admin."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min
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

from .models import Code

LATE = timedelta(minutes=5)  # they are sent every second


@attention
def mails(request: HttpRequest) -> Iterator[Concern]:
    """Yield that mails with codes do not leave."""
    if not may_view(request, Code):
        return
    now = timezone.now()
    late = Code.objects.unsent(now=now).filter(created_at__lt=now - LATE)
    found = late.aggregate(count=Count("pk"), oldest=Min("created_at"))
    if found["count"]:
        what = count_of(found["count"], "mail with a code was", "mails with codes were")
        age = age_of(found["oldest"])
        text = f"{what} not sent, the oldest for {age}: does the mail server answer?"
        yield Concern(text, link_to(request, Code), is_urgent=True)
