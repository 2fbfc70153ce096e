"""What the reminders app does when user-service tells of a person."""

from shared.contracts.events import ProfileUpdated
from shared.inbox.consumers import consumes

from . import services


@consumes(ProfileUpdated)
def on_profile_updated(event: ProfileUpdated) -> None:
    """Follow the reader to another zone."""
    services.follow_zone(event=event)
