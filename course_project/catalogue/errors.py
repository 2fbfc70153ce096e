"""What the catalogue refuses."""

from shared.wire.errors import DomainError


class CourseNotFoundError(DomainError):
    """There is no course with this id or slug that you may use so."""

    code = "course_not_found"
    status = 404


class UnknownModuleError(DomainError):
    """There is no module with this id in a course of yours."""

    code = "module_not_found"
    status = 404


class LessonNotFoundError(DomainError):
    """There is no lesson with this id that you may use so."""

    code = "lesson_not_found"
    status = 404


class SlugTakenError(DomainError):
    """Another course has this slug."""

    code = "slug_taken"
    status = 409


class NoPublishedLessonError(DomainError):
    """A published course has at least one published lesson."""

    code = "no_published_lesson"
    status = 409


class CourseWasPublishedError(DomainError):
    """Once published, a course is archived, not deleted: people may have taken it."""

    code = "course_was_published"
    status = 409


class CourseNeverPublishedError(DomainError):
    """Only a course that was published can be archived."""

    code = "course_never_published"
    status = 409


class LessonIncompleteError(DomainError):
    """A published lesson has something to learn: a text, or a video's address."""

    code = "lesson_incomplete"
    status = 409


class IncompleteOrderError(DomainError):
    """A new order names every part once, and nothing else."""

    code = "incomplete_order"
    status = 400
