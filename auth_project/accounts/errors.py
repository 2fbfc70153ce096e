"""Why the accounts app refuses."""

from shared.wire.errors import DomainError, InvalidRequestError


class EmailTakenError(DomainError):
    """There is an account with this e-mail address already."""

    code = "email_taken"
    status = 409


class PasswordRefusedError(InvalidRequestError):
    """The password is too easy to guess."""


class WrongPasswordError(InvalidRequestError):
    """The current password is not this one."""

    code = "wrong_password"


class InvalidCredentialsError(DomainError):
    """The e-mail address or the password is wrong."""

    code = "invalid_credentials"
    status = 401


class TooManyAttemptsError(DomainError):
    """There were too many failed sign-ins. Try again later."""

    code = "too_many_attempts"
    status = 429
    retryable = True


class AccountNotFoundError(DomainError):
    """There is no such account, or it is disabled."""

    code = "account_not_found"
    status = 404


class AccountGoneError(DomainError):
    """The account of this token is disabled or no longer exists."""

    code = "account_gone"
    status = 401


class ApplicationPendingError(DomainError):
    """An application of this account is waiting for a decision already."""

    code = "application_pending"
    status = 409


class AlreadyInstructorError(DomainError):
    """This account may teach already."""

    code = "already_instructor"
    status = 409


class ApplicationDecidedError(DomainError):
    """The application was decided before."""

    code = "application_decided"
    status = 409


class ReasonMissingError(DomainError):
    """A rejection needs a reason: the applicant reads it."""

    code = "reason_missing"
