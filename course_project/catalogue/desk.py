"""Courses on the start page of the admin: what their authors left lying."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils import timezone

from shared.operators.desk import Concern, attention, count_of, link_to, may_view

from .models import DRAFT_RESTS, Course


@attention
def drafts(request: HttpRequest) -> Iterator[Concern]:
    """Yield the courses that nobody finishes: one's own, for admins all."""
    if not may_view(request, Course):
        return
    own = Course.objects.owned_by(request.user)
    if count := own.resting(timezone.now()).count():
        what = count_of(count, "draft was", "drafts were")
        text = f"{what} not touched for {DRAFT_RESTS.days} days: publish or delete."
        yield Concern(text, link_to(request, Course, needs="work"))
    if count := own.without_lessons().count():
        what = count_of(count, "course has", "courses have")
        link = link_to(request, Course, needs="lessons")
        yield Concern(f"{what} no lesson yet.", link)
