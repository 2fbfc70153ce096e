"""Send notices, read them, choose when and how; and remember who reads."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from notification_project.delivery.services import queue_mails
from shared.contracts.events import (
    AchievementEarned,
    GoalCompleted,
    ProfileUpdated,
    StreakReached,
    UserRegistered,
    UserRoleChanged,
)
from shared.contracts.notification import (
    NoticeAction,
    NoticeContent,
    SendNotice,
    SendNotices,
)
from shared.server.erased import erased_among

from .errors import (
    EmptyQuietHoursError,
    InvalidParametersError,
    NoticeNotFoundError,
    NoticeWithoutTextError,
    UnknownTemplateError,
    UnsafeActionError,
)
from .models import Notice, Preference, Reader
from .templates import DIGEST, TEMPLATES, achievement_template

MOST_CHARACTERS = 500  # of one parameter; a notice is read at a glance
Clock = Callable[[], datetime]


@transaction.atomic
def send_notice(
    *, order: SendNotice, sender: str, clock: Clock = timezone.now
) -> Notice | None:
    """Store a notice; return None when its reader wants it by no channel.

    A notice with the same ``dedupe`` as an earlier one is that earlier one. In quiet
    hours it is for later, and above the daily cap a digest tells it. Raises a refusal
    for a text that could not be shown.
    """
    return _send(order, [order.user_id], sender, clock)[order.user_id]


@transaction.atomic
def send_notices(
    *, order: SendNotices, sender: str, clock: Clock = timezone.now
) -> dict[UUID, Notice | None]:
    """Store a notice for each of many people, as send_notice does for one.

    The number of queries does not grow with the number of people.
    """
    return _send(order, order.user_ids, sender, clock)


def check_order(*, order: NoticeContent) -> None:
    """Raise the refusal that sending *order* would meet."""
    _check_text(order)
    _check_action(order.action)


def mark_read(*, user_id: UUID, notice_id: UUID, clock: Clock = timezone.now) -> Notice:
    """Mark a notice as read; the first time counts."""
    now = clock()
    own = Notice.objects.of_reader(user_id, now=now).filter(pk=notice_id)
    own.unread().update(read_at=now)
    notice = own.first()
    if notice is None:
        raise NoticeNotFoundError
    return notice


def mark_all_read(*, user_id: UUID, clock: Clock = timezone.now) -> int:
    """Mark all of a person's notices as read; return how many were not."""
    now = clock()
    return Notice.objects.of_reader(user_id, now=now).unread().update(read_at=now)


def delete_notice(
    *, user_id: UUID, notice_id: UUID, clock: Clock = timezone.now
) -> None:
    """Take a notice away from its reader; its ``dedupe`` stays taken."""
    now = clock()
    own = Notice.objects.of_reader(user_id, now=now).filter(pk=notice_id)
    if not own.update(deleted_at=now):
        raise NoticeNotFoundError


def list_collected(
    *, user_id: UUID, notice_id: UUID, clock: Clock = timezone.now
) -> QuerySet[Notice]:
    """Return what a digest that its reader has stands for, in the order it came."""
    own = Notice.objects.of_reader(user_id, now=clock()).filter(pk=notice_id)
    notice = own.first()
    if notice is None:
        raise NoticeNotFoundError
    return notice.collected.order_by("created_at", "pk")


@transaction.atomic
def choose(
    *,
    user_id: UUID,
    choices: Mapping[str, Mapping[str, bool]] | None = None,
    quiet_hours: Mapping[str, bool | time] | None = None,
    daily_cap: int | None = None,
) -> None:
    """Store what is named; the rest stays as it is, and so does what was sent before.

    Raises EmptyQuietHoursError when quiet hours would begin and end at the same time.
    """
    if quiet_hours or daily_cap is not None:
        _choose_times(user_id, quiet_hours or {}, daily_cap)
    for type_, channels in (choices or {}).items():
        for channel, is_enabled in channels.items():
            Preference.objects.update_or_create(
                user_id=user_id,
                type=type_,
                channel=channel,
                defaults={"is_enabled": is_enabled},
            )


@transaction.atomic
def learn_registration(*, event: UserRegistered) -> None:
    """Remember a new account."""
    reader = _locked_readers([event.user_id])[event.user_id]
    reader.learn_registration(
        email=event.email,
        role=event.role,
        full_name=event.full_name,
        at=event.registered_at,
    )
    reader.save()


@transaction.atomic
def learn_role(*, event: UserRoleChanged) -> None:
    """Remember a person's newest role."""
    reader = _locked_readers([event.user_id])[event.user_id]
    reader.learn_role(role=event.role, at=event.changed_at)
    reader.save()


@transaction.atomic
def learn_profile(*, event: ProfileUpdated) -> None:
    """Remember a person's newest name, language and zone."""
    reader = _locked_readers([event.user_id])[event.user_id]
    reader.learn_profile(
        display_name=event.display_name,
        locale=event.locale,
        timezone=event.timezone,
        at=event.updated_at,
    )
    reader.save()


@transaction.atomic
def learn_access(*, user_id: UUID, is_disabled: bool, at: datetime) -> None:
    """Remember whether an account is switched off."""
    reader = _locked_readers([user_id])[user_id]
    reader.learn_access(is_disabled=is_disabled, at=at)
    reader.save()


@transaction.atomic
def erase_reader(*, user_id: UUID) -> None:
    """Delete what an erased person was told and wanted, and what is known of them."""
    for model in (Notice, Preference, Reader):
        model.objects.filter(user_id=user_id).delete()


def _congratulate(
    user_id: UUID, *, template: str, params: dict[str, str], dedupe: str
) -> None:
    order = SendNotice(
        user_id=user_id,
        type="achievement",
        category="success",
        template=template,
        params=params,
        action=NoticeAction(kind="profile", target=str(user_id)),
        dedupe=dedupe,
    )
    send_notice(order=order, sender="user")


def _choose_times(
    user_id: UUID, quiet_hours: Mapping[str, bool | time], daily_cap: int | None
) -> None:
    reader = _locked_readers([user_id])[user_id]
    reader.has_quiet_hours = quiet_hours.get("enabled", reader.has_quiet_hours)
    reader.quiet_from = quiet_hours.get("start", reader.quiet_from)
    reader.quiet_until = quiet_hours.get("end", reader.quiet_until)
    if reader.quiet_from == reader.quiet_until:
        raise EmptyQuietHoursError
    if daily_cap is not None:
        reader.daily_cap = daily_cap
    reader.save()


def _send(
    content: NoticeContent, user_ids: Sequence[UUID], sender: str, clock: Clock
) -> dict[UUID, Notice | None]:
    params = _check_text(content)
    _check_action(content.action)
    # One lock per person: what is counted and looked up below stays true until commit.
    gone = erased_among(user_ids)
    readers = _locked_readers([each for each in user_ids if each not in gone])
    now = clock()
    sent: dict[UUID, Notice | None] = dict.fromkeys(user_ids)
    if content.dedupe:
        earlier = Notice.objects.filter(user_id__in=readers, dedupe=content.dedupe)
        sent |= {notice.user_id: notice for notice in earlier}
    new = [readers[each] for each in readers if sent[each] is None]
    channels = Preference.objects.channels(
        user_ids=[reader.user_id for reader in new], type_=content.type
    )
    wanting = [reader for reader in new if channels[reader.user_id]]
    notices = [
        _draft(
            content,
            params,
            sender,
            reader,
            now,
            is_listed=Preference.Channel.IN_APP in channels[reader.user_id],
        )
        for reader in wanting
    ]
    _collect_above_cap(notices, readers, now)
    Notice.objects.bulk_create(notices)
    queue_mails(
        notices=[
            notice.digest or notice
            for notice in notices
            if Preference.Channel.EMAIL in channels[notice.user_id]
        ]
    )
    return sent | {notice.user_id: notice for notice in notices}


def _draft(
    content: NoticeContent,
    params: dict[str, str],
    sender: str,
    reader: Reader,
    now: datetime,
    *,
    is_listed: bool,
) -> Notice:
    notice = Notice(
        user_id=reader.user_id,
        type=content.type,
        category=content.category,
        template=content.template,
        params=params,
        own_title="" if content.template else content.title,
        own_message="" if content.template else content.message,
        action_kind=content.action.kind if content.action else "",
        action_target=content.action.target if content.action else "",
        sender=sender,
        dedupe=content.dedupe,
        created_at=now,
        visible_at=now,
        is_listed=is_listed,
    )
    if not notice.is_urgent:
        notice.visible_at = reader.told_at(now)
        notice.day = reader.day_of(notice.visible_at)
    return notice


def _collect_above_cap(
    notices: Sequence[Notice], readers: Mapping[UUID, Reader], now: datetime
) -> None:
    """Put each notice that comes when its day is full into that day's digest."""
    counting = [notice for notice in notices if notice.day]
    days = {notice.day for notice in counting}
    told = Notice.objects.counted(
        user_ids=[notice.user_id for notice in counting], days=days
    )
    above = [
        notice
        for notice in counting
        if told.get((notice.user_id, notice.day), 0)
        >= readers[notice.user_id].daily_cap
    ]
    if not above:
        return
    open_digests = Notice.objects.collecting(
        user_ids=[notice.user_id for notice in above], days=days, now=now
    )
    digests = {(digest.user_id, digest.day): digest for digest in open_digests}
    begun = []
    for notice in above:
        digest = digests.get((notice.user_id, notice.day))
        if digest is None:
            digest = _new_digest(readers[notice.user_id], notice.day, now)
            begun.append(digest)
        digest.collect(notice)
    Notice.objects.bulk_create(begun)
    Notice.objects.bulk_update(digests.values(), ["params", "is_listed"])


def _new_digest(reader: Reader, day: date, now: datetime) -> Notice:
    return Notice(
        user_id=reader.user_id,
        type=Notice.Type.SYSTEM,
        template=DIGEST,
        params={"count": 0, "titles": []},
        sender=settings.SERVICE,
        created_at=now,
        visible_at=reader.digest_at(day),
        is_listed=False,
        day=day,
    )


def _locked_readers(user_ids: Sequence[UUID]) -> dict[UUID, Reader]:
    """Return the rows of people, which this transaction alone may change or count by.

    Rows are made before any is locked, and locked in one order, so that two who lock
    many never wait for each other.
    """
    readers = Reader.objects.filter(user_id__in=user_ids)
    missing = set(user_ids) - set(readers.values_list("user_id", flat=True))
    if missing:
        Reader.objects.bulk_create(
            [Reader(user_id=user_id) for user_id in sorted(missing)],
            ignore_conflicts=True,
        )
    locked = readers.select_for_update().order_by("user_id")
    return {reader.user_id: reader for reader in locked}


def tell_achievement(*, event: AchievementEarned) -> None:
    """Congratulate on an achievement, once."""
    _congratulate(
        event.user_id,
        template=achievement_template(event.achievement),
        params={"points": str(event.points)},
        dedupe=f"achievement:{event.achievement}",
    )


def tell_goal(*, event: GoalCompleted) -> None:
    """Congratulate on a goal, once."""
    _congratulate(
        event.user_id,
        template="goal_completed",
        params={"title": event.title},
        dedupe=f"goal:{event.goal_id}",
    )


def tell_streak(*, event: StreakReached) -> None:
    """Congratulate on a streak, once for each length of each streak."""
    _congratulate(
        event.user_id,
        template="streak_reached",
        params={"days": str(event.days)},
        dedupe=f"streak:{event.days}:{event.reached_on}",
    )


def _check_text(content: NoticeContent) -> dict[str, str]:
    """Return the parameters that the text needs; refuse what cannot be shown."""
    if not content.template:
        if not content.title.strip():
            raise NoticeWithoutTextError
        return {}
    template = TEMPLATES.get(content.template)
    if template is None:
        raise UnknownTemplateError(f"There is no template {content.template!r}.")
    missing = template.parameters - set(content.params) - set(template.fallbacks)
    if missing:
        raise InvalidParametersError(f"Missing: {', '.join(sorted(missing))}.")
    params = {
        name: value
        for name, value in content.params.items()
        if name in template.parameters
    }
    if any(len(value) > MOST_CHARACTERS for value in params.values()):
        raise InvalidParametersError(
            f"A parameter is longer than {MOST_CHARACTERS} characters."
        )
    return params


def _check_action(action: NoticeAction | None) -> None:
    if action is None or action.kind != "url":
        return
    if not action.target.startswith(("https://", "http://", "/")):
        raise UnsafeActionError
