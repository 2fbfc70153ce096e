"""Sessions on the start page of the admin."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils import timezone

from shared.operators.desk import Gauge, link_to, may_view, today

from .models import Session


@today
def sessions(request: HttpRequest) -> Iterator[Gauge]:
    """Yield how many devices are signed in."""
    if may_view(request, Session):
        yield Gauge(
            "Active sessions",
            Session.objects.live(now=timezone.now()).count(),
            "devices signed in now",
            link_to(request, Session, live="yes"),
        )
