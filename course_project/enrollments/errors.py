"""Why the enrollments app refuses."""

from shared.wire.errors import DomainError


class EnrollmentNotFoundError(DomainError):
    """You have no enrollment with this id."""

    code = "enrollment_not_found"
    status = 404


class EntitlementRequiredError(DomainError):
    """This course is open to those who were granted it."""

    code = "entitlement_required"
    status = 402


class NotEnrolledError(DomainError):
    """Enroll in the course first."""

    code = "not_enrolled"
    status = 403


class EnrollmentCompletedError(DomainError):
    """A completed course cannot be dropped."""

    code = "enrollment_completed"
    status = 409


class GrantRevokedError(DomainError):
    """The grant was revoked before."""

    code = "grant_revoked"
    status = 409
