"""What the reminders app refuses."""

from shared.wire.errors import DomainError


class ReminderNotFoundError(DomainError):
    """You have no reminder with this id."""

    code = "reminder_not_found"
    status = 404


class TooManyRemindersError(DomainError):
    """You have as many reminders as there may be; delete one first."""

    code = "too_many_reminders"
    status = 409


class MessageWithoutTitleError(DomainError):
    """A reminder with a message of its own needs a title."""

    code = "message_without_title"
    status = 400
