"""What the broadcasts app does when course-service tells of a learner."""

from shared.contracts.events import EnrollmentCreated
from shared.inbox.consumers import consumes

from . import services


@consumes(EnrollmentCreated)
def on_enrolled(event: EnrollmentCreated) -> None:
    """Remember who takes the course."""
    services.learn_enrollment(event=event)
