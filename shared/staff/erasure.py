"""Forget a person: at once what has their id, soon after what has come since.

The first step is in the transaction of the news. The sweep comes when no token of
theirs is accepted any more: it hands the news to the consumers once more, for what
requests under way have written, and goes through the tables of the kit.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumers_of
from shared.inbox.erasing import empty_answers
from shared.operators.erasing import blank_log
from shared.outbox.erasing import scrub_messages
from shared.server.erased import remember_erased
from shared.server.models import ErasedPerson
from shared.server.revocation import revoke_user
from shared.wire.events import event_type_of
from shared.wire.ids import NOBODY

from .models import StaffUser

PEOPLE_AT_ONCE = 20  # in one pass over the tables
Clock = Callable[[], datetime]


@transaction.atomic
def forget_person(
    *, user_id: UUID, erased_at: datetime, clock: Clock = timezone.now
) -> None:
    """Refuse an erased person's tokens and what arrives late, and end their sessions.

    The apps of the service forget their own rows, in the same transaction.
    """
    remember_erased(user_id, at=erased_at, clock=clock)
    revoke_user(user_id, at=erased_at, reason="account erased")
    operator = StaffUser.objects.filter(pk=user_id).first()
    if operator is not None:
        _forget_operator(operator, now=clock())


def sweep(*, clock: Clock = timezone.now) -> int:
    """Look for traces of people who were erased; return of how many.

    Who is still named, by a message that is not settled, is looked for again, after
    ten minutes at most.
    """
    due = ErasedPerson.objects.due(clock()).order_by("sweep_at")
    people = list(due[:PEOPLE_AT_ONCE])
    if not people:
        return 0
    for person in people:
        _tell_again(person)
    ids = {person.user_id for person in people}
    blank_log(ids)
    empty_answers(ids)
    left = scrub_messages(ids, keep=event_type_of(UserErased).type)
    for person in people:
        person.settle_sweep(is_clean=person.user_id not in left, at=clock())
    return len(people)


@transaction.atomic
def _tell_again(person: ErasedPerson) -> None:
    event = UserErased(user_id=person.user_id, erased_at=person.erased_at)
    for consumer in consumers_of(event_type_of(UserErased)):
        consumer(event)


def _forget_operator(operator: StaffUser, *, now: datetime) -> None:
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(operator.pk):
            session.delete()
    done = LogEntry.objects.filter(user_id=operator.pk)
    if done.exists():
        # What was done here stays, by somebody unknown.
        done.update(user=_nobody(now))
    operator.delete()


def _nobody(now: datetime) -> StaffUser:
    return StaffUser.objects.get_or_create(
        pk=NOBODY,
        defaults={
            "email": "erased@former.invalid",
            "full_name": "Erased person",
            "is_active": False,
            "verified_at": now,
        },
    )[0]
