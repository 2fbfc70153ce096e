"""What the delivery app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Mail nothing more, and forget what was mailed."""
    services.erase_mails(user_id=event.user_id)
