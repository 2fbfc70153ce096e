"""Make accounts, check who someone is, change what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from auth_project.codes.models import Code
from auth_project.sessions.devices import Device
from auth_project.sessions.models import Session
from auth_project.sessions.services import IssuedTokens, end_sessions_of, open_session
from shared.contracts.events import (
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
    UserRoleChanged,
    publish,
)
from shared.contracts.notification import SendNotice, send_notice
from shared.contracts.user import CreateProfile, create_profile
from shared.operators.erasing import erase_rows
from shared.server.revocation import revoke_user
from shared.staff.erasure import forget_person

from .addresses import normalise_email, seal_email
from .errors import (
    AccountGoneError,
    AccountNotFoundError,
    AlreadyInstructorError,
    ApplicationDecidedError,
    ApplicationPendingError,
    EmailTakenError,
    InvalidCredentialsError,
    ReasonMissingError,
    WrongPasswordError,
)
from .models import Account, InstructorApplication, SignInAttempt
from .passwords import check_password_strength
from .throttle import settle_slot, take_slot

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class SignedIn:
    """Somebody on a device: the account and its tokens."""

    account: Account
    tokens: IssuedTokens


def register_account(
    *,
    email: str,
    password: str,
    full_name: str = "",
    applies_to_teach: bool = False,
    account_id: UUID | None = None,
) -> Account:
    """Make an account, and have its profile and its welcome made by the peers.

    Raises EmailTakenError or PasswordRefusedError. Nobody chooses a role: who wants to
    teach is a student with a pending application. Only a demo account brings its id.
    """
    account = _draft_account(email=email, password=password, full_name=full_name)
    account.id = account_id or account.id
    return _store_account(account, applies_to_teach=applies_to_teach)


def sign_up(
    *,
    email: str,
    password: str,
    full_name: str = "",
    applies_to_teach: bool = False,
    device: Device,
) -> SignedIn:
    """Register an account and sign *device* in, both or neither."""
    account = _draft_account(email=email, password=password, full_name=full_name)
    with transaction.atomic():
        _store_account(account, applies_to_teach=applies_to_teach)
        tokens = open_session(account_id=account.pk, device=device)
    return SignedIn(account, tokens)


def _draft_account(*, email: str, password: str, full_name: str) -> Account:
    # Before the transaction, because hashing is slow and SQLite has one writer.
    account = Account(email=normalise_email(email), full_name=full_name)
    check_password_strength(password, owner=account, field="password")
    if Account.objects.filter(email=account.email).exists():
        raise EmailTakenError
    account.password_hash = make_password(password)
    return account


@transaction.atomic
def _store_account(account: Account, *, applies_to_teach: bool) -> Account:
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise EmailTakenError from error
    if applies_to_teach:
        InstructorApplication.objects.create(account=account)
    create_profile.later(
        CreateProfile(
            user_id=account.pk,
            email=account.email,
            role=account.role,
            full_name=account.full_name,
        )
    )
    publish(
        UserRegistered(
            user_id=account.pk,
            email=account.email,
            full_name=account.full_name,
            role=account.role,
            registered_at=account.created_at,
        )
    )
    _tell(
        account.pk,
        category="success",
        template="welcome",
        params={"name": account.full_name},
        dedupe="welcome",
    )
    return account


def sign_in(
    *, email: str, password: str, device: Device, clock: Clock = timezone.now
) -> SignedIn:
    """Check a password and sign *device* in; refuses as verify_credentials does."""
    checked = verify_credentials(
        email=email, password=password, address=device.address, clock=clock
    )
    with transaction.atomic():
        # Disabled, or given another password, while this one was checked?
        account = (
            Account.objects.enabled()
            .select_for_update()
            .filter(pk=checked.pk, password_hash=checked.password_hash)
            .first()
        )
        if account is None:
            raise InvalidCredentialsError
        tokens = open_session(account_id=account.pk, device=device, clock=clock)
    return SignedIn(account, tokens)


def verify_credentials(
    *, email: str, password: str, address: str, clock: Clock = timezone.now
) -> Account:
    """Return the enabled account with this address and password.

    Raises InvalidCredentialsError, at the same cost, for an unknown address, a wrong
    password and a disabled account; TooManyAttemptsError without looking at the
    password.
    """
    email = normalise_email(email)
    attempt = take_slot(email=email, address=address, clock=clock)
    account = Account.objects.filter(email=email).first()
    if account is None:
        make_password(password)  # as slow as a check: an answer's time tells nothing
        is_right = False
    else:
        is_right = check_password(password, account.password_hash)
    if not is_right or not account.is_enabled:
        settle_slot(attempt, SignInAttempt.Outcome.FAILED)
        raise InvalidCredentialsError
    settle_slot(attempt, SignInAttempt.Outcome.SUCCEEDED)
    return account


def get_enabled_account(account_id: UUID) -> Account:
    """Return an account for a peer; raises AccountNotFoundError."""
    account = Account.objects.enabled().filter(pk=account_id).first()
    if account is None:
        raise AccountNotFoundError
    return account


def get_own_account(account_id: UUID) -> Account:
    """Return the account of a signed-in person; raises AccountGoneError."""
    account = Account.objects.enabled().filter(pk=account_id).first()
    if account is None:
        raise AccountGoneError
    return account


def change_password(
    *,
    account_id: UUID,
    current_password: str,
    new_password: str,
    session_id: UUID | None,
    address: str,
    clock: Clock = timezone.now,
) -> None:
    """Replace a password; every session but *session_id* ends.

    The current password is throttled like a sign-in: a stolen access token must not be
    a way to guess it. Raises WrongPasswordError or PasswordRefusedError.
    """
    account = get_own_account(account_id)
    check_password_strength(new_password, owner=account, field="new_password")
    _confirm_password(
        account,
        current_password,
        field="current_password",
        address=address,
        clock=clock,
    )
    password_hash = make_password(new_password)
    with transaction.atomic():
        is_changed = replace_password(
            account=account, password_hash=password_hash, keep=session_id, clock=clock
        )
        if not is_changed:
            raise _wrong_password("current_password")


@transaction.atomic
def replace_password(
    *,
    account: Account,
    password_hash: str,
    keep: UUID | None,
    clock: Clock = timezone.now,
) -> bool:
    """Store a new hash, end every session but *keep*, and say so to the owner.

    Returns whether the account still had the password with which it was read: of two
    changes at the same time, the second had the old one.
    """
    is_changed = (
        Account.objects.enabled()
        .filter(pk=account.pk, password_hash=account.password_hash)
        .update(password_hash=password_hash)
    )
    if not is_changed:
        return False
    end_sessions_of(
        account_id=account.pk,
        reason=Session.EndReason.PASSWORD_CHANGED,
        keep=keep,
        clock=clock,
    )
    _tell(account.pk, category="warning", template="password_changed")
    return True


def mark_email_verified(*, account_id: UUID, clock: Clock = timezone.now) -> None:
    """Note when a person first showed the address to be theirs."""
    Account.objects.filter(pk=account_id, email_verified_at=None).update(
        email_verified_at=clock()
    )


def _confirm_password(
    account: Account, password: str, *, field: str, address: str, clock: Clock
) -> None:
    try:
        verify_credentials(
            email=account.email, password=password, address=address, clock=clock
        )
    except InvalidCredentialsError as error:
        raise _wrong_password(field) from error


def _wrong_password(field: str) -> WrongPasswordError:
    detail = "The current password is not this one."
    return WrongPasswordError(
        errors=[{"field": field, "code": "wrong_password", "detail": detail}]
    )


@transaction.atomic
def change_role(*, account_id: UUID, role: str, clock: Clock = timezone.now) -> bool:
    """Give an account another role; return whether it had a different one.

    Access tokens with the old role are refused; a refresh brings the new one.
    """
    account = Account.objects.select_for_update().get(pk=account_id)
    if account.role == role:
        return False
    account.role = role
    account.save(update_fields=["role"])
    now = clock()
    revoke_user(account.pk, at=now, reason="role_changed")
    publish(UserRoleChanged(user_id=account.pk, role=role, changed_at=now))
    return True


@transaction.atomic
def disable_account(*, account_id: UUID, clock: Clock = timezone.now) -> bool:
    """Switch an account off, with all its sessions; return whether it was on."""
    now = clock()
    is_first = Account.objects.enabled().filter(pk=account_id).update(disabled_at=now)
    if not is_first:
        return False
    # UserDisabled says what SessionEnded would say for each of them.
    Session.objects.filter(account_id=account_id, ended_at=None).update(
        ended_at=now, end_reason=Session.EndReason.ACCOUNT_DISABLED
    )
    revoke_user(account_id, at=now, reason="disabled")
    publish(UserDisabled(user_id=account_id, disabled_at=now))
    return True


@transaction.atomic
def enable_account(*, account_id: UUID, clock: Clock = timezone.now) -> bool:
    """Let an account sign in again; return whether it was disabled."""
    disabled = Account.objects.filter(pk=account_id, disabled_at__isnull=False)
    if not disabled.update(disabled_at=None):
        return False
    publish(UserEnabled(user_id=account_id, enabled_at=clock()))
    return True


def erase_own_account(
    *, account_id: UUID, password: str, address: str, clock: Clock = timezone.now
) -> None:
    """Erase the account of somebody who shows the password once more.

    It is throttled like a sign-in. Raises WrongPasswordError.
    """
    account = get_own_account(account_id)
    _confirm_password(account, password, field="password", address=address, clock=clock)
    with transaction.atomic():
        # Disabled, or given another password, while this one was checked?
        unchanged = (
            Account.objects.enabled()
            .select_for_update()
            .filter(pk=account.pk, password_hash=account.password_hash)
        )
        if unchanged.first() is None:
            raise _wrong_password("password")
        erase_account(account_id=account.pk, clock=clock)


@transaction.atomic
def erase_account(*, account_id: UUID, clock: Clock = timezone.now) -> bool:
    """Remove a person from the platform; return whether there was such an account.

    The peers learn it by the event. The address is free for a new account at once.
    What limits abuse stays without a name: tried passwords count against the network
    that they came from, codes against the address, as a keyed hash.
    """
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        return False
    now = clock()
    SignInAttempt.objects.filter(email=account.email).update(email="")
    Code.objects.forget(email=account.email, sealed=seal_email(account.email))
    decided = InstructorApplication.objects.filter(decided_by=account_id)
    decided.update(decided_by=None)
    erase_rows(InstructorApplication.objects.filter(account=account))
    erase_rows(Account.objects.filter(pk=account_id))
    forget_person(user_id=account_id, erased_at=now, clock=clock)
    publish(UserErased(user_id=account_id, erased_at=now))
    return True


def apply_to_teach(*, account_id: UUID, statement: str) -> InstructorApplication:
    """Ask to become an instructor.

    Raises ApplicationPendingError while a decision is awaited, AlreadyInstructorError
    for people who may teach.
    """
    account = get_own_account(account_id)
    if account.role != Account.Role.STUDENT:
        raise AlreadyInstructorError
    try:
        with transaction.atomic():
            return InstructorApplication.objects.create(
                account=account, statement=statement
            )
    except IntegrityError as error:
        raise ApplicationPendingError from error


@transaction.atomic
def approve_application(
    *, application_id: UUID, decided_by: UUID, clock: Clock = timezone.now
) -> InstructorApplication:
    """Make the applicant an instructor, and say so."""
    application = _decide(
        application_id,
        state=InstructorApplication.State.APPROVED,
        decided_by=decided_by,
        decided_at=clock(),
    )
    if application.account.role == Account.Role.STUDENT:
        change_role(
            account_id=application.account_id,
            role=Account.Role.INSTRUCTOR,
            clock=clock,
        )
    _tell(
        application.account_id,
        category="success",
        template="instructor_approved",
        dedupe=f"application:{application.pk}",
    )
    return application


@transaction.atomic
def reject_application(
    *,
    application_id: UUID,
    decided_by: UUID,
    reason: str,
    clock: Clock = timezone.now,
) -> InstructorApplication:
    """Turn an application down, and tell the applicant why."""
    if not reason.strip():
        raise ReasonMissingError
    application = _decide(
        application_id,
        state=InstructorApplication.State.REJECTED,
        reason=reason.strip(),
        decided_by=decided_by,
        decided_at=clock(),
    )
    _tell(
        application.account_id,
        category="info",
        template="instructor_rejected",
        params={"reason": application.reason},
        dedupe=f"application:{application.pk}",
    )
    return application


def _decide(application_id: UUID, **decision: object) -> InstructorApplication:
    is_first = InstructorApplication.objects.filter(
        pk=application_id, state=InstructorApplication.State.PENDING
    ).update(**decision)
    if not is_first:
        raise ApplicationDecidedError
    return InstructorApplication.objects.select_related("account").get(
        pk=application_id
    )


def _tell(
    account_id: UUID,
    *,
    category: str,
    template: str,
    params: dict[str, str] | None = None,
    dedupe: str = "",
) -> None:
    send_notice.later(
        SendNotice(
            user_id=account_id,
            type="system",
            category=category,
            template=template,
            params=params or {},
            dedupe=dedupe,
        )
    )
