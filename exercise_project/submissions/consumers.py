"""What submissions make of the facts of peers."""

from shared.contracts.events import CoursePublished, UserErased
from shared.inbox.consumers import consumes

from . import services


@consumes(CoursePublished)
def on_course_published(event: CoursePublished) -> None:
    """Know whose instructor marks."""
    services.learn_course(event=event)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget what they handed in, and that they marked."""
    services.erase_person(user_id=event.user_id)
