"""What the reminders app does when auth or user-service tells of a person."""

from shared.contracts.events import ProfileUpdated, UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(ProfileUpdated)
def on_profile_updated(event: ProfileUpdated) -> None:
    """Follow the reader to another zone."""
    services.follow_zone(event=event)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget what they wanted to be reminded of."""
    services.erase_reminders(user_id=event.user_id)
