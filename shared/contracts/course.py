"""What course-service does for its peers: it sums up what a learner takes."""

from uuid import UUID

from shared.wire.structs import Contract, Count, Moment

from .peer import Peer

course = Peer("course")


class GetCourseSummary(Contract, frozen=True):
    """What does a learner take?"""

    user_id: UUID


class CurrentCourse(Contract, frozen=True):
    """A course that a learner takes, how far they are, and what comes next."""

    enrollment_id: UUID
    course_id: UUID
    slug: str
    title: str
    skill: str
    level: str
    progress_percent: int
    lessons_completed: Count
    lessons_total: Count
    next_lesson_id: UUID | None
    next_lesson_title: str
    enrolled_at: Moment
    last_studied_at: Moment | None


class CourseSummary(Contract, frozen=True):
    """The courses that were studied last, five at most, and how many are completed."""

    current_courses: list[CurrentCourse]
    courses_completed: Count


get_course_summary = course.get(
    "/api/v1/course/internal/summary/{user_id}",
    GetCourseSummary,
    returns=CourseSummary,
    callers={"user"},
)
