"""What the certificates app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Delete their certificates, and their name on those of others."""
    services.erase_certificates(user_id=event.user_id)
