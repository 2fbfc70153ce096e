"""Queue the mails of notices, send them, and give up on those that cannot be sent."""

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
)
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, QuerySet
from django.utils import timezone

from notification_project.notices.models import Notice, Preference, Reader

from .mails import mail_for
from .models import MOST_ATTEMPTS, Delivery

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
SENT_AT_ONCE = 20
# A worker that is told to stop waits for the batch in hand.
BATCH_SECONDS = 5.0
# Longer than a mail server may take for one mail, or two workers send the same one.
LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=4)
ADDRESS_WAIT = timedelta(days=1)
CLOSED_AT_ONCE = 500
MOST_OF_ERROR = 500  # characters


def queue_mails(*, notices: Collection[Notice]) -> None:
    """Have notices mailed when they are told, each once; a digest may be named again.

    For the transaction in which the notices are stored.
    """
    Delivery.objects.bulk_create(
        [
            Delivery(
                notice=notice,
                user_id=notice.user_id,
                channel=Preference.Channel.EMAIL,
                created_at=notice.created_at,
                not_before=notice.visible_at,
            )
            for notice in notices
        ],
        ignore_conflicts=True,
    )


def send_mails(
    *, clock: Clock = timezone.now, monotonic: Callable[[], float] = time.monotonic
) -> int:
    """Send the mails that are due, outside of any transaction; return how many.

    At least once: a worker that ends between the mail server's answer and its note of
    it leaves a lease, and when that is over the mail goes out again under the same
    Message-ID.
    """
    ends_at = monotonic() + BATCH_SECONDS
    due = Delivery.objects.due(clock()).order_by("not_before")
    sent = 0
    for delivery_id in list(due.values_list("pk", flat=True)[:SENT_AT_ONCE]):
        if monotonic() >= ends_at:
            break
        delivery = _claim(delivery_id, clock())
        if delivery is None:
            continue
        try:
            sent += _deliver(delivery, clock)
        except (OSError, ValueError) as error:  # smtplib's are OSErrors
            _note_failure(delivery, error, clock())
            if not _is_about_the_mail(error):
                break  # the server is away: the others need not find that out
    return sent


def give_up_mails(*, clock: Clock = timezone.now) -> int:
    """Close mails without an address for a day, and those cut off too often."""
    now = clock()
    pending = Delivery.objects.pending()
    nowhere = pending.without_address().filter(not_before__lte=now - ADDRESS_WAIT)
    cut_off = pending.filter(attempts__gte=MOST_ATTEMPTS, not_before__lte=now)
    return _close(nowhere, Delivery.State.SUPPRESSED, "no_address") + _close(
        cut_off, Delivery.State.FAILED, "attempts"
    )


def send_again(*, delivery_ids: Collection[UUID], clock: Clock = timezone.now) -> int:
    """Queue mails again that ended without being sent; return how many."""
    ended = Delivery.objects.ended_unsent().filter(pk__in=delivery_ids)
    return ended.update(
        state=Delivery.State.PENDING, reason="", attempts=0, not_before=clock()
    )


def erase_mails(*, user_id: UUID) -> None:
    """Delete what an erased person was mailed, and what was to be."""
    Delivery.objects.filter(user_id=user_id).delete()


def _claim(delivery_id: UUID, now: datetime) -> Delivery | None:
    """Take a delivery that is still due, for as long as the lease lasts.

    One UPDATE decides which of several workers has it. The attempt is counted before
    it is made, so that a mail that ends its worker is not tried for ever.
    """
    due = Delivery.objects.due(now).filter(pk=delivery_id)
    if not due.update(attempts=F("attempts") + 1, not_before=now + LEASE):
        return None
    return Delivery.objects.select_related("notice").filter(pk=delivery_id).first()


def _deliver(delivery: Delivery, clock: Clock) -> bool:
    reader = Reader.objects.or_default(delivery.user_id)
    if reason := _reason_against(delivery.notice, reader):
        _settle(
            delivery,
            state=Delivery.State.SUPPRESSED,
            reason=reason,
            attempts=delivery.attempts - 1,
        )
        return False
    _message(delivery, reader).send()
    _settle(delivery, state=Delivery.State.SENT, sent_at=clock())
    return True


def _reason_against(notice: Notice, reader: Reader) -> str:
    """Return what has happened since that keeps a notice from being mailed."""
    if not reader.email:
        return "no_address"  # forgotten since the mail was claimed
    if reader.is_disabled:
        return "disabled"
    if notice.deleted_at is not None:
        return "deleted"
    wanted = Preference.objects.channels(user_ids=[reader.user_id], type_=notice.type)
    if notice.is_digest or Preference.Channel.EMAIL in wanted[reader.user_id]:
        return ""
    return "opted_out"


def _message(delivery: Delivery, reader: Reader) -> EmailMultiAlternatives:
    notice = delivery.notice
    text = notice.text(reader.locale)
    leads_outside = notice.action_target.startswith(("https://", "http://"))
    mail = mail_for(
        title=text.title,
        message=text.message,
        address=notice.action_target if leads_outside else "",
        locale=reader.locale,
    )
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[reader.email],
        headers={
            "Message-ID": f"<{delivery.pk}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _note_failure(delivery: Delivery, error: Exception, now: datetime) -> None:
    logger.warning(
        "mail not sent",
        # Its text may hold the address; the log in the admin has it.
        extra={"delivery_id": str(delivery.pk), "error": type(error).__name__},
    )
    note = {"last_error": f"{type(error).__name__}: {error}"[:MOST_OF_ERROR]}
    if _is_final(error):
        note |= {"state": Delivery.State.FAILED, "reason": "refused"}
    elif delivery.attempts >= MOST_ATTEMPTS:
        note |= {"state": Delivery.State.FAILED, "reason": "attempts"}
    else:
        wait = min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
        note["not_before"] = now + wait
    _settle(delivery, **note)


def _is_about_the_mail(error: Exception) -> bool:
    refusals = (SMTPRecipientsRefused, SMTPSenderRefused, SMTPDataError, ValueError)
    return isinstance(error, refusals)


def _is_final(error: Exception) -> bool:
    """Say whether trying again is no use: an address that is none, or is refused."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError) and not isinstance(error, SMTPException)


def _settle(delivery: Delivery, **fields: object) -> None:
    # Not after the lease has gone to another worker, which counted its own attempt.
    Delivery.objects.pending().filter(
        pk=delivery.pk, attempts=delivery.attempts
    ).update(**fields)


def _close(deliveries: QuerySet[Delivery], state: str, reason: str) -> int:
    oldest = deliveries.order_by("not_before")
    ids = list(oldest.values_list("pk", flat=True)[:CLOSED_AT_ONCE])
    pending = Delivery.objects.pending().filter(pk__in=ids)
    return pending.update(state=state, reason=reason)
