"""What the reviews app refuses."""

from shared.wire.errors import DomainError


class ReviewNotFoundError(DomainError):
    """There is no review of yours with this id."""

    code = "review_not_found"
    status = 404


class AlreadyReviewedError(DomainError):
    """You have reviewed this course; change that review instead."""

    code = "already_reviewed"
    status = 409


class NotEnrolledError(DomainError):
    """Only who takes a course, or has taken it, reviews it."""

    code = "not_enrolled"
    status = 403
