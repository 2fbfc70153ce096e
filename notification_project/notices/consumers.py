"""What the notices app does when auth or user-service tells of a person."""

from shared.contracts.events import (
    ProfileUpdated,
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
    UserRoleChanged,
)
from shared.inbox.consumers import consumes

from . import services


@consumes(UserRegistered)
def on_registered(event: UserRegistered) -> None:
    """Remember who reads."""
    services.learn_registration(event=event)


@consumes(UserRoleChanged)
def on_role_changed(event: UserRoleChanged) -> None:
    """Remember the role."""
    services.learn_role(event=event)


@consumes(ProfileUpdated)
def on_profile_updated(event: ProfileUpdated) -> None:
    """Remember name, language and zone."""
    services.learn_profile(event=event)


@consumes(UserDisabled)
def on_disabled(event: UserDisabled) -> None:
    """Mail nothing more."""
    services.learn_access(user_id=event.user_id, is_disabled=True, at=event.disabled_at)


@consumes(UserEnabled)
def on_enabled(event: UserEnabled) -> None:
    """Mail again."""
    services.learn_access(user_id=event.user_id, is_disabled=False, at=event.enabled_at)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget the reader."""
    services.erase_reader(user_id=event.user_id)
