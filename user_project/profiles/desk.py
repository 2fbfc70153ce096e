"""Profiles on the start page of the admin."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from shared.operators.desk import (
    Concern,
    Figure,
    attention,
    count_of,
    link_to,
    may_view,
    today,
)

from .models import Profile

LATE = timedelta(hours=1)
LOOKED_BACK = timedelta(days=30)


@attention
def unregistered(request: HttpRequest) -> Iterator[Concern]:
    """Yield that auth's calls about accounts did not arrive."""
    if not may_view(request, Profile):
        return
    now = timezone.now()
    waiting = Profile.objects.unregistered().filter(
        created_at__range=(now - LOOKED_BACK, now - LATE)
    )
    if count := waiting.count():
        what = count_of(count, "profile has", "profiles have")
        yield Concern(
            f"{what} waited over an hour for auth's word: look at auth's outbox.",
            link_to(request, Profile, registered_at__isnull=True),
        )


@today
def profiles(request: HttpRequest) -> Iterator[Figure]:
    """Yield how many came."""
    if may_view(request, Profile):
        yield Figure(
            "New profiles",
            Profile.objects.all(),
            at="created_at",
            link=link_to(request, Profile),
        )
