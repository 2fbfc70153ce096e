"""What the submissions app refuses."""

from shared.wire.errors import DomainError


class SubmissionNotFoundError(DomainError):
    """There is no submission here that you may see or mark."""

    code = "submission_not_found"
    status = 404


class CourseNotFoundError(DomainError):
    """There is no published course with this id."""

    code = "course_not_found"
    status = 404


class AlreadyMarkedError(DomainError):
    """The submission has its bands, and they stay."""

    code = "already_marked"
    status = 409


class InvalidCriteriaError(DomainError):
    """The bands are not those of the four criteria of this task."""

    code = "invalid_criteria"
    status = 400
