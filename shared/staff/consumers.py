"""What this service does when auth-service takes access away."""

from shared.contracts.events import (
    SessionEnded,
    UserDisabled,
    UserErased,
    UserRoleChanged,
)
from shared.inbox.consumers import consumes

from .erasure import forget_person
from .people import end_session, shut_out, take_over_role


@consumes(UserRoleChanged)
def on_role_changed(event: UserRoleChanged) -> None:
    """Apply the new role."""
    take_over_role(user_id=event.user_id, role=event.role, changed_at=event.changed_at)


@consumes(UserDisabled)
def on_disabled(event: UserDisabled) -> None:
    """Shut the account out."""
    shut_out(user_id=event.user_id, disabled_at=event.disabled_at)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget the account; each app forgets what it has of the person."""
    forget_person(user_id=event.user_id, erased_at=event.erased_at)


@consumes(SessionEnded)
def on_session_ended(event: SessionEnded) -> None:
    """Refuse the session's tokens."""
    end_session(session_id=event.session_id, ended_at=event.ended_at)
