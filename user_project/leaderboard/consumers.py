"""What the leaderboard app does when auth-service tells of a person."""

from shared.contracts.events import UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Take them off every board."""
    services.erase_standings(user_id=event.user_id)
