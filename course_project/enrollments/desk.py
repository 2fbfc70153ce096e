"""Enrollments on the start page of the admin."""

from collections.abc import Iterator

from django.http import HttpRequest

from shared.operators.desk import Figure, link_to, today

from .models import Enrollment


@today
def enrollments(request: HttpRequest) -> Iterator[Figure]:
    """Yield who began and who completed: in one's own courses, for admins in all."""
    rows = Enrollment.objects.in_courses_of(request.user)
    link = link_to(request, Enrollment)
    yield Figure("Enrollments", rows, at="enrolled_at", link=link, in_chart=True)
    yield Figure(
        "Completions", rows.completed(), at="completed_at", link=link, in_chart=True
    )
