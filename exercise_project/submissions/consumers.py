"""What submissions make of the facts of peers."""

from shared.contracts.events import CoursePublished
from shared.inbox.consumers import consumes

from .services import learn_course


@consumes(CoursePublished)
def on_course_published(event: CoursePublished) -> None:
    """Know whose instructor marks."""
    learn_course(event=event)
