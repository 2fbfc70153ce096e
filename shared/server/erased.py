"""People who were erased: nothing that arrives late brings them back."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from shared.wire.errors import DomainError
from shared.wire.structs import Contract

from .models import FIRST_SWEEP, ErasedPerson


class AccountErasedError(DomainError):
    """The person whom this concerns was erased; there is nothing to do."""

    code = "account_erased"
    status = 410


def is_erased(user_id: UUID) -> bool:
    """Say whether this person was erased."""
    return ErasedPerson.objects.filter(pk=user_id).exists()


def erased_among(user_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of many people were erased: whoever tells all leaves them out."""
    erased = ErasedPerson.objects.filter(pk__in=list(user_ids))
    return set(erased.values_list("pk", flat=True))


def refuse_erased(message: Contract) -> None:
    """Raise AccountErasedError for a request or a fact about somebody erased.

    The person whom a message concerns is its field ``user_id``. The sender's relay
    cancels a message that is refused so.
    """
    user_id = getattr(message, "user_id", None)
    if user_id is not None and is_erased(user_id):
        raise AccountErasedError


def remember_erased(
    user_id: UUID, *, at: datetime, clock: Callable[[], datetime] = timezone.now
) -> None:
    """Keep the id of an erased person; a second time changes nothing."""
    ErasedPerson.objects.get_or_create(
        user_id=user_id,
        # From now, not from then: this service may have been away for hours.
        defaults={"erased_at": at, "sweep_at": clock() + FIRST_SWEEP},
    )
