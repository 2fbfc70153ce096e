"""Progress on the start page of the admin."""

from collections.abc import Iterator

from django.db.models import Count, Sum
from django.http import HttpRequest

from shared.operators.desk import Figure, link_to, may_view, today

from .models import StudySession


@today
def study(request: HttpRequest) -> Iterator[Figure]:
    """Yield who studied, and how much."""
    if not may_view(request, StudySession):
        return
    numbers = {
        "Lessons": Sum("lessons_completed", default=0),
        "Exercises": Sum("exercises_completed", default=0),
        "Active learners": Count("user_id", distinct=True),
        "Minutes of study": Sum("study_minutes", default=0),
    }
    for title, number in numbers.items():
        yield Figure(
            title,
            StudySession.objects.all(),
            at="occurred_at",
            number=number,
            link=link_to(request, StudySession),
            in_chart=title in ("Lessons", "Exercises"),
        )
