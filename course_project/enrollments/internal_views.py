"""What user-service asks for its dashboard."""

from shared.contracts.course import (
    CourseSummary,
    CurrentCourse,
    GetCourseSummary,
    get_course_summary,
)
from shared.server.serves import Caller, serves

from .models import Enrollment

MOST_CURRENT = 5


@serves(get_course_summary)
def summary(request: GetCourseSummary, caller: Caller) -> CourseSummary:
    own = Enrollment.objects.of_learner(request.user_id)
    current = own.active().select_related("course").with_progress().latest_studied()
    return CourseSummary(
        current_courses=[_current(one) for one in current[:MOST_CURRENT]],
        courses_completed=own.completed().count(),
    )


def _current(enrollment: Enrollment) -> CurrentCourse:
    course = enrollment.course
    return CurrentCourse(
        enrollment_id=enrollment.pk,
        course_id=course.pk,
        slug=course.slug,
        title=course.title,
        skill=course.skill,
        level=course.level,
        progress_percent=enrollment.progress_percent,
        lessons_completed=enrollment.lessons_completed,
        lessons_total=enrollment.lessons_total,
        next_lesson_id=enrollment.next_lesson_id,
        next_lesson_title=enrollment.next_lesson_title or "",
        enrolled_at=enrollment.enrolled_at,
        last_studied_at=enrollment.last_studied_at,
    )
