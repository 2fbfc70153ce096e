"""Certificates on the start page of the admin."""

from collections.abc import Iterator

from django.http import HttpRequest

from shared.operators.desk import Figure, link_to, today

from .models import Certificate


@today
def certificates(request: HttpRequest) -> Iterator[Figure]:
    """Yield how many were issued: in one's own courses, for admins in all."""
    yield Figure(
        "Certificates",
        Certificate.objects.in_courses_of(request.user),
        at="issued_at",
        link=link_to(request, Certificate),
    )
