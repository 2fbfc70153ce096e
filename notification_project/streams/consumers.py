"""What the streams app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget what was to open their streams; the open ones end by revocation."""
    services.erase_tickets(user_id=event.user_id)
