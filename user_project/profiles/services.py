"""What people and auth-service do with profiles."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from shared.contracts.events import ProfileUpdated, publish

from .models import Profile

# What decides when a reminder of study is due.
SCHEDULING = {"timezone", "study_reminders", "study_reminder_time"}


@transaction.atomic
def create_profile(
    *,
    user_id: UUID,
    email: str,
    role: str,
    full_name: str = "",
    target_band: float | None = None,
    clock: Callable[[], datetime] = timezone.now,
) -> tuple[Profile, bool]:
    """Make the profile of a new account, and say whether it was made now.

    A profile that exists keeps what its owner wrote: the first call only completes one
    that was edited before it arrived, later calls change nothing.
    """
    band = None if target_band is None else Decimal(str(target_band))
    now = clock()
    profile, created = Profile.objects.select_for_update().get_or_create(
        user_id=user_id,
        defaults={
            **Profile.first_values(email=email, role=role, full_name=full_name),
            "target_band": band,
            "registered_at": now,
        },
    )
    if profile.registered_at is None:
        profile.register(
            email=email, role=role, full_name=full_name, target_band=band, at=now
        )
        profile.save()
    return profile, created


@transaction.atomic
def update_profile(
    *,
    user_id: UUID,
    claims: Mapping[str, str],
    changes: Mapping[str, object],
    clock: Callable[[], datetime] = timezone.now,
) -> Profile:
    """Write *changes*; tell the peers when what they keep a copy of is another.

    Before auth's call has arrived the profile is made from the token's *claims*, so
    that an early edit is not lost.
    """
    profile, _ = Profile.objects.select_for_update().get_or_create(
        user_id=user_id, defaults=Profile.first_values(**claims)
    )
    if all(getattr(profile, name) == value for name, value in changes.items()):
        return profile
    before = profile.announced()
    for name, value in changes.items():
        setattr(profile, name, value)
    now = clock()
    if SCHEDULING & set(changes):
        profile.schedule_reminder(now)
    profile.touch(now)
    profile.save()
    if profile.announced() != before:
        publish(
            ProfileUpdated(
                user_id=profile.user_id,
                updated_at=profile.updated_at,
                **profile.announced(),
            )
        )
    return profile


def change_role(*, user_id: UUID, role: str, changed_at: datetime) -> None:
    """Copy auth's newest word on a role; an older one changes nothing."""
    profiles = Profile.objects.filter(user_id=user_id).with_role_before(changed_at)
    profiles.update(role=role, role_changed_at=changed_at)


def erase_profile(*, user_id: UUID) -> None:
    """Delete the profile of an erased person."""
    Profile.objects.filter(user_id=user_id).delete()


def hide_profile(*, profile: Profile) -> Profile:
    """Make a profile private, as an operator does with one that offends."""
    return update_profile(
        user_id=profile.user_id,
        claims={
            "email": profile.email,
            "role": profile.role,
            "full_name": profile.full_name,
        },
        changes={"visibility": Profile.Visibility.PRIVATE},
    )
