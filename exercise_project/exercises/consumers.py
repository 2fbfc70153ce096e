"""What the exercises app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Let their exercises be nobody's."""
    services.erase_author(user_id=event.user_id)
