"""What the broadcasts app does when auth or course-service tells of a person."""

from shared.contracts.events import EnrollmentCreated, UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(EnrollmentCreated)
def on_enrolled(event: EnrollmentCreated) -> None:
    """Remember who takes the course."""
    services.learn_enrollment(event=event)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget what they took, and what they wrote to all."""
    services.erase_person(user_id=event.user_id)
