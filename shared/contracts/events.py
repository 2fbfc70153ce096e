"""The facts that services tell each other."""

from uuid import UUID

from shared.wire.events import event
from shared.wire.structs import Contract, Email, Line, Moment, Role

from .publishing import publish

__all__ = [
    "ProfileUpdated",
    "SessionEnded",
    "UserDisabled",
    "UserRegistered",
    "UserRoleChanged",
    "publish",
]


@event(
    "user.registered.v1",
    publisher="auth",
    subscribers={"course", "exercise", "notification"},
    subject="user_id",
)
class UserRegistered(Contract, frozen=True):
    """A person has an account. user-service learns it by the call profile/create."""

    user_id: UUID
    email: Email
    full_name: Line
    role: Role
    registered_at: Moment


_EVERY_PEER_OF_AUTH = {"user", "course", "exercise", "notification"}


@event(
    "user.role_changed.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class UserRoleChanged(Contract, frozen=True):
    """The role of an account is another; tokens issued before are refused."""

    user_id: UUID
    role: Role
    changed_at: Moment


@event(
    "user.disabled.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class UserDisabled(Contract, frozen=True):
    """An account was switched off by an operator."""

    user_id: UUID
    disabled_at: Moment


@event(
    "session.ended.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class SessionEnded(Contract, frozen=True):
    """A sign-in on one device is over; its access tokens are refused."""

    user_id: UUID
    session_id: UUID
    ended_at: Moment


@event(
    "profile.updated.v1",
    publisher="user",
    subscribers={"course", "exercise", "notification"},
    subject="user_id",
)
class ProfileUpdated(Contract, frozen=True):
    """What others show or use of a profile is another."""

    user_id: UUID
    display_name: Line
    locale: Line
    timezone: Line
    visibility: Line
    updated_at: Moment
