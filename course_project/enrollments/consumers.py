"""What the enrollments app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget what they took, and that they granted."""
    services.erase_learner(user_id=event.user_id)
