"""What the profiles app does when auth-service tells of a person."""

from shared.contracts.events import UserErased, UserRoleChanged
from shared.inbox.consumers import consumes

from . import services


@consumes(UserRoleChanged)
def on_role_changed(event: UserRoleChanged) -> None:
    """Show the new role on the profile."""
    services.change_role(
        user_id=event.user_id, role=event.role, changed_at=event.changed_at
    )


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget who it was."""
    services.erase_profile(user_id=event.user_id)
