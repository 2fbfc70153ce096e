"""Notices on the start page of the admin."""

from collections.abc import Iterator

from django.db.models import Avg, Case, Count, FloatField, Value, When
from django.http import HttpRequest

from shared.operators.desk import Figure, link_to, may_view, today

from .models import Notice, Reader


@today
def notices(request: HttpRequest) -> Iterator[Figure]:
    """Yield who was told how much, and whether they have read it since."""
    if may_view(request, Notice):
        link = link_to(request, Notice)
        rows = Notice.objects.all()
        yield Figure("Notices", rows, at="created_at", link=link, in_chart=True)
        yield Figure(
            "Notices read", rows.read(), at="created_at", link=link, in_chart=True
        )
        yield Figure(
            "Read share",
            rows,
            at="created_at",
            number=Avg(_PERCENT_READ),
            unit="%",
            link=link,
        )
        yield Figure(
            "People told",
            rows,
            at="created_at",
            number=Count("user_id", distinct=True),
            link=link,
        )
    if may_view(request, Reader):
        yield Figure(
            "New readers",
            Reader.objects.all(),
            at="registered_at",
            link=link_to(request, Reader),
        )


_PERCENT_READ = Case(
    When(read_at__isnull=True, then=Value(0.0)),
    default=Value(100.0),
    output_field=FloatField(),
)
