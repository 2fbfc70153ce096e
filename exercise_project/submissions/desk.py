"""Submissions on the start page of the admin."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.http import HttpRequest

from shared.operators.desk import (
    Concern,
    Figure,
    age_of,
    attention,
    count_of,
    link_to,
    may_view,
    today,
)

from .models import Submission


@attention
def to_mark(request: HttpRequest) -> Iterator[Concern]:
    """Yield what waits to be marked by this person."""
    if not may_view(request, Submission):
        return
    waiting = Submission.objects.markable_by(request.user).unmarked()
    found = waiting.aggregate(count=Count("pk"), oldest=Min("submitted_at"))
    if found["count"]:
        what = count_of(found["count"], "submission waits", "submissions wait")
        age = age_of(found["oldest"])
        link = link_to(request, Submission, state__exact=Submission.State.SUBMITTED)
        yield Concern(f"{what} to be marked, the oldest for {age}.", link)


@today
def submissions(request: HttpRequest) -> Iterator[Figure]:
    """Yield what came to be marked, and what was: as far as this person marks it."""
    if not may_view(request, Submission):
        return
    rows = Submission.objects.markable_by(request.user)
    link = link_to(request, Submission)
    yield Figure("Submissions", rows, at="submitted_at", link=link)
    yield Figure("Marked", rows.marked(), at="marked_at", link=link)
