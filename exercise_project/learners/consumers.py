"""What the learners app does when auth or user-service tells of a person."""

from shared.contracts.events import (
    ProfileUpdated,
    UserErased,
    UserRegistered,
    UserRoleChanged,
)
from shared.inbox.consumers import consumes

from . import services


@consumes(UserRegistered)
def on_registered(event: UserRegistered) -> None:
    """Remember the learner."""
    services.learn_registration(event=event)


@consumes(UserRoleChanged)
def on_role_changed(event: UserRoleChanged) -> None:
    """Remember the role."""
    services.learn_role(event=event)


@consumes(ProfileUpdated)
def on_profile_updated(event: ProfileUpdated) -> None:
    """Remember name, language and zone."""
    services.learn_profile(event=event)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget the learner."""
    services.erase_learner(user_id=event.user_id)
