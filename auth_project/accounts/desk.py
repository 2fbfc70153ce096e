"""Accounts on the start page of the admin."""

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

from .models import Account, InstructorApplication, SignInAttempt
from .throttle import count_full

Outcome = SignInAttempt.Outcome


@attention
def applications(request: HttpRequest) -> Iterator[Concern]:
    """Yield the applications that wait for a decision."""
    if not may_view(request, InstructorApplication):
        return
    pending = InstructorApplication.objects.pending()
    found = pending.aggregate(count=Count("pk"), oldest=Min("created_at"))
    if found["count"]:
        what = count_of(
            found["count"], "application to teach waits", "applications to teach wait"
        )
        age = age_of(found["oldest"])
        link = link_to(request, InstructorApplication, state__exact="pending")
        yield Concern(f"{what} for a decision, the oldest for {age}.", link)


@attention
def throttled(request: HttpRequest) -> Iterator[Concern]:
    """Yield that the throttle refuses sign-ins right now."""
    if not may_view(request, SignInAttempt):
        return
    accounts, networks = count_full()
    full = []
    if accounts:
        full.append(count_of(accounts, "e-mail address is", "e-mail addresses are"))
    if networks:
        full.append(count_of(networks, "network is", "networks are"))
    link = link_to(request, SignInAttempt, outcome__exact=Outcome.FAILED)
    for what in full:
        yield Concern(f"{what} locked for minutes: too many sign-ins failed.", link)


@today
def sign_ins(request: HttpRequest) -> Iterator[Figure]:
    """Yield how often somebody came in, and did not."""
    if not may_view(request, SignInAttempt):
        return
    attempts = SignInAttempt.objects.all()
    yield Figure(
        "Sign-ins",
        attempts.filter(outcome=Outcome.SUCCEEDED),
        at="created_at",
        link=link_to(request, SignInAttempt, outcome__exact=Outcome.SUCCEEDED),
        in_chart=True,
    )
    yield Figure(
        "Failed sign-ins",
        attempts.filter(outcome=Outcome.FAILED),
        at="created_at",
        link=link_to(request, SignInAttempt, outcome__exact=Outcome.FAILED),
    )


@today
def registrations(request: HttpRequest) -> Iterator[Figure]:
    """Yield how many came for the first time."""
    if may_view(request, Account):
        yield Figure(
            "Registrations",
            Account.objects.all(),
            at="created_at",
            link=link_to(request, Account),
            in_chart=True,
        )
