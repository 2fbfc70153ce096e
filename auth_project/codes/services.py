"""Send a code to an address, and act on it when it comes back."""

import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from auth_project.accounts.addresses import (
    MOST_CHARACTERS,
    normalise_email,
    seal_email,
)
from auth_project.accounts.models import Account
from auth_project.accounts.passwords import check_password_strength
from auth_project.accounts.services import (
    get_own_account,
    mark_email_verified,
    replace_password,
)
from shared.inbox.locks import lock_in_transaction

from .errors import InvalidCodeError
from .mails import mail_for
from .models import Code

logger = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=15)
MOST_TRIES = 5
# With eight digits, 25 tries an hour: a guess is right once in four million hours.
DIGITS = 8
MOST_PER_HOUR = 5
# Another request so soon is a second click; the mail is on its way.
SECOND_CLICK = timedelta(seconds=60)
SEND_AGAIN_AFTER = timedelta(seconds=30)
SENT_AT_ONCE = 20
CODES_KEPT = timedelta(days=1)
PURGE_BATCH = 1000
Clock = Callable[[], datetime]


def request_password_reset(*, email: str, clock: Clock = timezone.now) -> None:
    """Have a code sent to *email*, if somebody who may sign in has that address.

    Nobody learns whether: nothing is raised, and the work done is the same.
    """
    email = normalise_email(email)[:MOST_CHARACTERS]
    account = Account.objects.enabled().filter(email=email).first()
    _make_code(Code.Purpose.PASSWORD_RESET, email, account, clock())


def request_email_verification(
    *, account_id: UUID, clock: Clock = timezone.now
) -> None:
    """Have a code sent to the address of a signed-in person, unless it is verified."""
    account = get_own_account(account_id)
    if not account.email_verified:
        _make_code(Code.Purpose.EMAIL_VERIFICATION, account.email, account, clock())


def reset_password(
    *, email: str, code: str, new_password: str, clock: Clock = timezone.now
) -> None:
    """Replace the password of the account that *code* was sent to; all sessions end.

    Raises InvalidCodeError, or PasswordRefusedError, which leaves the code unused.
    """
    email = normalise_email(email)[:MOST_CHARACTERS]
    # Before the code is tried; its owner's name is looked at when the code was right.
    check_password_strength(
        new_password, owner=Account(email=email), field="new_password"
    )
    found = _try_code(Code.Purpose.PASSWORD_RESET, email, code, clock())
    account = Account.objects.enabled().filter(pk=found.account_id).first()
    if account is None:
        raise InvalidCodeError
    check_password_strength(new_password, owner=account, field="new_password")
    password_hash = make_password(new_password)
    with transaction.atomic():
        _use_code(found, clock())
        is_replaced = replace_password(
            account=account, password_hash=password_hash, keep=None, clock=clock
        )
        if not is_replaced:
            # Changed from a device meanwhile: the code is for the password before.
            raise InvalidCodeError


def verify_email(*, account_id: UUID, code: str, clock: Clock = timezone.now) -> None:
    """Mark the address of a signed-in person as theirs; raises InvalidCodeError."""
    account = get_own_account(account_id)
    now = clock()
    found = _try_code(Code.Purpose.EMAIL_VERIFICATION, account.email, code, now)
    with transaction.atomic():
        _use_code(found, now)
        mark_email_verified(account_id=account.pk, clock=clock)


def code_text(code: Code) -> str:
    """Return the digits that are mailed for *code*."""
    salt = "auth_project.codes.code"
    mac = salted_hmac(salt, str(code.pk), algorithm="sha256").hexdigest()
    return f"{int(mac, 16) % 10**DIGITS:0{DIGITS}d}"


def send_codes(*, clock: Clock = timezone.now) -> int:
    """Send the mails that are due; return how many went out.

    One that the mail server refuses is tried again until its code has expired.
    """
    due = Code.objects.to_send(now=clock()).order_by("send_at")
    return sum(
        _send(code, clock) for code in due.select_related("account")[:SENT_AT_ONCE]
    )


def purge_codes(*, clock: Clock = timezone.now) -> int:
    """Delete a batch of codes that are older than a day."""
    old = Code.objects.filter(created_at__lt=clock() - CODES_KEPT)
    ids = list(old.order_by("created_at").values_list("pk", flat=True)[:PURGE_BATCH])
    Code.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def _make_code(
    purpose: str, email: str, account: Account | None, now: datetime
) -> None:
    lock_in_transaction(f"code {purpose}", email)
    # Those of an account that was erased count too: registering and erasing again and
    # again must not send more mails than an address gets otherwise.
    made = Code.objects.filter(
        email__in=[email, seal_email(email)],
        purpose=purpose,
        created_at__gt=now - timedelta(hours=1),
    )
    times = list(made.values_list("created_at", flat=True)[:MOST_PER_HOUR])
    if len(times) == MOST_PER_HOUR or (times and now - times[0] < SECOND_CLICK):
        return
    Code.objects.create(
        purpose=purpose,
        email=email,
        account=account,
        created_at=now,
        expires_at=now + LIFETIME,
        send_at=now,
    )


def _try_code(purpose: str, email: str, given: str, now: datetime) -> Code:
    """Return the newest code of *email*, if it is the one given.

    The try is counted before it is looked at, in a transaction of its own: tries at
    the same time cannot pass the limit together, and a refusal does not undo it.
    """
    newest = Code.objects.filter(email=email, purpose=purpose).first()
    if newest is None:
        raise InvalidCodeError
    usable = Code.objects.usable(now=now, most_tries=MOST_TRIES).filter(pk=newest.pk)
    is_usable = usable.update(tries=F("tries") + 1)
    is_right = hmac.compare_digest(code_text(newest).encode(), given.encode())
    if not is_usable or not is_right or newest.account_id is None:
        raise InvalidCodeError
    return newest


def _use_code(code: Code, now: datetime) -> None:
    # One UPDATE decides which of two that had it right at the same time uses it.
    if not Code.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
        raise InvalidCodeError


def _send(code: Code, clock: Clock) -> bool:
    now = clock()
    # Taken before it is sent: another worker looks at the same rows, and the account
    # may have been erased while the mails before this one were sent.
    is_ours = (
        Code.objects.to_send(now=now)
        .filter(pk=code.pk)
        .update(send_at=now + SEND_AGAIN_AFTER)
    )
    if not is_ours:
        return False
    mail = mail_for(code.purpose, code_text(code))
    try:
        send_mail(mail.subject, mail.text, None, [code.account.email])
    except OSError as error:  # smtplib's and files'; its text may hold the address
        logger.warning(
            "code not sent",
            extra={"code_id": str(code.pk), "error": type(error).__name__},
        )
        return False
    Code.objects.filter(pk=code.pk).update(sent_at=clock())
    return True
