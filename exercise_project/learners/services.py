"""Remember learners, whatever the order in which their facts arrive."""

from uuid import UUID

from django.db import transaction

from shared.contracts.events import ProfileUpdated, UserRegistered, UserRoleChanged

from .models import Learner


@transaction.atomic
def learn_registration(*, event: UserRegistered) -> None:
    """Remember a new account."""
    learner = _locked_learner(event.user_id)
    learner.learn_registration(
        role=event.role, full_name=event.full_name, at=event.registered_at
    )
    learner.save()


@transaction.atomic
def learn_role(*, event: UserRoleChanged) -> None:
    """Remember a person's newest role."""
    learner = _locked_learner(event.user_id)
    learner.learn_role(role=event.role, at=event.changed_at)
    learner.save()


@transaction.atomic
def learn_profile(*, event: ProfileUpdated) -> None:
    """Remember a person's newest name, language and zone."""
    learner = _locked_learner(event.user_id)
    learner.learn_profile(
        display_name=event.display_name,
        locale=event.locale,
        timezone=event.timezone,
        at=event.updated_at,
    )
    learner.save()


def erase_learner(*, user_id: UUID) -> None:
    """Delete what is known of an erased person."""
    Learner.objects.filter(user_id=user_id).delete()


def _locked_learner(user_id: UUID) -> Learner:
    return Learner.objects.select_for_update().get_or_create(user_id=user_id)[0]
