"""The people who sign in here: remembered at sign-in, kept true by events."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from shared.contracts.auth import VerifiedAccount
from shared.server.revocation import revoke_session, revoke_user

from .models import StaffUser

SUPERUSER_ROLE = "admin"


@transaction.atomic
def remember(account: VerifiedAccount, *, at: datetime) -> StaffUser:
    """Store what auth-service vouched for at *at*."""
    # An erased account may have had this address, and the news be on its way.
    for former in StaffUser.objects.filter(email=account.email).exclude(
        pk=account.user_id
    ):
        former.email, former.is_active = f"{former.pk}@former.invalid", False
        former.save(update_fields=["email", "is_active"])
    user, _ = StaffUser.objects.update_or_create(
        id=account.user_id,
        defaults={
            "email": account.email,
            "full_name": account.full_name,
            "credential": account.credential,
            "is_active": True,
            "verified_at": at,
            **_rights_of(account.role),
        },
    )
    return user


def sign_out(user_id: UUID) -> None:
    """End a person's sessions here, and refuse new ones until auth vouches again."""
    StaffUser.objects.filter(pk=user_id).update(is_active=False)


@transaction.atomic
def take_over_role(*, user_id: UUID, role: str, changed_at: datetime) -> None:
    """Apply a role that auth-service announced; a new role ends sessions and tokens."""
    StaffUser.objects.filter(pk=user_id).update(**_rights_of(role))
    revoke_user(user_id, at=changed_at, reason="role changed")


@transaction.atomic
def shut_out(*, user_id: UUID, disabled_at: datetime) -> None:
    """End the sessions and tokens of an account that auth-service switched off."""
    sign_out(user_id)
    revoke_user(user_id, at=disabled_at, reason="account disabled")


def end_session(*, session_id: UUID, ended_at: datetime) -> None:
    """Refuse the access tokens of a session that ended."""
    revoke_session(session_id, at=ended_at, reason="session ended")


def _rights_of(role: str) -> dict[str, object]:
    return {
        "role": role,
        "is_staff": role in settings.STAFF_ROLES,
        "is_superuser": role == SUPERUSER_ROLE,
    }
