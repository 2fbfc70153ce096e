"""How often a password may be tried: exact, whatever runs at the same time."""

import ipaddress
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shared.inbox.locks import lock_in_transaction

from .addresses import MOST_CHARACTERS
from .errors import TooManyAttemptsError
from .models import SignInAttempt

WINDOW = timedelta(minutes=10)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 30
# Longer than a password check on a busy machine; then a pending slot is a crashed one.
PENDING_SECONDS = 5
ATTEMPTS_KEPT = timedelta(days=30)
PURGE_BATCH = 1000
Clock = Callable[[], datetime]


@transaction.atomic
def take_slot(
    *, email: str, address: str, clock: Clock = timezone.now
) -> SignInAttempt:
    """Take a slot for one try of a password, before the password is looked at.

    Taken slots count as failures until they are settled, so that tries at the same
    time cannot pass the limit together. Raises TooManyAttemptsError when none is left.
    """
    network = network_of(address)
    email = email[:MOST_CHARACTERS]  # no account has a longer one
    # Always in this order: two transactions cannot wait for each other.
    lock_in_transaction("sign-in account", email)
    lock_in_transaction("sign-in address", network)
    now = clock()
    counted = SignInAttempt.objects.counted(since=now - WINDOW)
    _refuse_full(counted.filter(email=email), FAILURES_PER_ACCOUNT, now)
    if network:
        _refuse_full(counted.filter(address=network), FAILURES_PER_ADDRESS, now)
    return SignInAttempt.objects.create(email=email, address=network, created_at=now)


def settle_slot(attempt: SignInAttempt, outcome: str) -> None:
    """Say how the try ended; success frees the slot."""
    SignInAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome)


def network_of(address: str) -> str:
    """Return what one client can be held to: an IPv4 address, or the /64 of an IPv6.

    Anybody with an IPv6 address has all of its /64.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def count_full(*, clock: Clock = timezone.now) -> tuple[int, int]:
    """Return how many e-mail addresses and how many networks have no slot left."""
    # Counted here: a database that groups by address walks through all attempts.
    counted = SignInAttempt.objects.counted(since=clock() - WINDOW).order_by()
    accounts, networks = Counter(), Counter()
    for email, network in counted.values_list("email", "address").iterator():
        accounts[email] += bool(email)  # none is left of an erased account
        networks[network] += bool(network)
    return (
        sum(taken >= FAILURES_PER_ACCOUNT for taken in accounts.values()),
        sum(taken >= FAILURES_PER_ADDRESS for taken in networks.values()),
    )


def purge_attempts(*, clock: Clock = timezone.now) -> int:
    """Delete a batch of attempts that are older than a month."""
    old = SignInAttempt.objects.filter(created_at__lt=clock() - ATTEMPTS_KEPT)
    ids = list(old.order_by("created_at").values_list("pk", flat=True)[:PURGE_BATCH])
    SignInAttempt.objects.filter(pk__in=ids).delete()
    return len(ids)


def _refuse_full(counted: QuerySet[SignInAttempt], limit: int, now: datetime) -> None:
    newest = list(counted.order_by("-created_at", "-pk")[:limit])
    if len(newest) < limit:
        return
    undecided = Q(
        outcome=SignInAttempt.Outcome.PENDING,
        created_at__gt=now - timedelta(seconds=PENDING_SECONDS),
    )
    if counted.filter(undecided).exists():
        # Some of them may be about to succeed.
        raise TooManyAttemptsError(retry_after=1)
    heals_at = newest[-1].created_at + WINDOW
    raise TooManyAttemptsError(retry_after=(heals_at - now).total_seconds())
