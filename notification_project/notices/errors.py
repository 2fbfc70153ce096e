"""What the notices app refuses."""

from shared.wire.errors import DomainError, InvalidRequestError


class NoticeNotFoundError(DomainError):
    """You have no notice with this id."""

    code = "notice_not_found"
    status = 404


class UnknownTemplateError(DomainError):
    """There is no template with this key."""

    code = "unknown_template"
    status = 422


class InvalidParametersError(DomainError):
    """The parameters do not fit the template."""

    code = "invalid_params"
    status = 422


class NoticeWithoutTextError(DomainError):
    """A notice needs a template, or a title of its own."""

    code = "notice_without_text"
    status = 422


class UnsafeActionError(DomainError):
    """The address of an action begins with http://, https:// or /."""

    code = "unsafe_action"
    status = 422


class EmptyQuietHoursError(InvalidRequestError):
    """Quiet hours end at another time than they begin."""

    code = "empty_quiet_hours"
