"""Attempts on the start page of the admin."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Avg
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

from .models import Attempt

LATE = timedelta(minutes=1)  # the worker looks every ten seconds


@attention
def overdue(request: HttpRequest) -> Iterator[Concern]:
    """Yield that the worker does not end attempts whose time is over."""
    if not may_view(request, Attempt):
        return
    if count := Attempt.objects.overdue(timezone.now() - LATE).count():
        what = count_of(count, "attempt is", "attempts are")
        text = f"{what} past the deadline without a result: does the worker run?"
        link = link_to(request, Attempt, state__exact=Attempt.State.IN_PROGRESS)
        yield Concern(text, link, is_urgent=True)


@today
def attempts(request: HttpRequest) -> Iterator[Figure]:
    """Yield what was begun and its results: at one's own exercises, for admins all."""
    rows = Attempt.objects.at_exercises_of(request.user)
    link = link_to(request, Attempt)
    yield Figure("Attempts", rows, at="started_at", link=link, in_chart=True)
    yield Figure("Results", rows.graded(), at="graded_at", link=link, in_chart=True)
    yield Figure(
        "Mean result",
        rows.graded(),
        at="graded_at",
        number=Avg("score_percent"),
        unit="%",
        link=link,
    )
