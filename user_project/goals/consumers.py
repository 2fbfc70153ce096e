"""What the goals app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget what they wanted to reach."""
    services.erase_goals(user_id=event.user_id)
