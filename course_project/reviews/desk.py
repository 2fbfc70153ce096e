"""Reviews on the start page of the admin."""

from collections.abc import Iterator

from django.db.models import Avg
from django.http import HttpRequest

from shared.operators.desk import Figure, link_to, today

from .models import Review


@today
def reviews(request: HttpRequest) -> Iterator[Figure]:
    """Yield how many were written, and their mean: of one's own courses, or all."""
    rows = Review.objects.in_courses_of(request.user)
    link = link_to(request, Review)
    yield Figure("Reviews", rows, at="created_at", link=link)
    yield Figure(
        "Mean rating",
        rows,
        at="created_at",
        number=Avg("rating"),
        unit="of 5",
        link=link,
    )
