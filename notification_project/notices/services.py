"""Send notices, read them, choose among them; and remember who reads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from shared.contracts.events import ProfileUpdated, UserRegistered, UserRoleChanged
from shared.contracts.notification import NoticeAction, SendNotice

from .errors import (
    InvalidParametersError,
    NoticeNotFoundError,
    NoticeWithoutTextError,
    UnknownTemplateError,
    UnsafeActionError,
)
from .models import Notice, Preference, Reader
from .templates import TEMPLATES

MOST_CHARACTERS = 500  # of one parameter; a notice is read at a glance


@transaction.atomic
def send_notice(*, order: SendNotice, sender: str) -> Notice | None:
    """Store a notice; return None when its reader has opted out.

    A notice with the same ``dedupe`` as an earlier one is that earlier one. Raises a
    refusal for a text that could not be shown.
    """
    params = _check_text(order)
    _check_action(order.action)
    if order.dedupe:
        earlier = Notice.objects.filter(user_id=order.user_id, dedupe=order.dedupe)
        if notice := earlier.first():
            return notice
    if not Preference.objects.wants(
        user_id=order.user_id, type_=order.type, channel=Preference.Channel.IN_APP
    ):
        return None
    fields = {
        "type": order.type,
        "category": order.category,
        "template": order.template,
        "params": params,
        "own_title": "" if order.template else order.title,
        "own_message": "" if order.template else order.message,
        "action_kind": order.action.kind if order.action else "",
        "action_target": order.action.target if order.action else "",
        "sender": sender,
    }
    if not order.dedupe:
        return Notice.objects.create(user_id=order.user_id, **fields)
    # Two senders may have come past the look above: the constraint decides.
    notice, _ = Notice.objects.get_or_create(
        user_id=order.user_id, dedupe=order.dedupe, defaults=fields
    )
    return notice


def mark_read(
    *, user_id: UUID, notice_id: UUID, clock: Callable[[], datetime] = timezone.now
) -> Notice:
    """Mark a notice as read; the first time counts."""
    own = Notice.objects.of_reader(user_id).filter(pk=notice_id)
    own.unread().update(read_at=clock())
    notice = own.first()
    if notice is None:
        raise NoticeNotFoundError
    return notice


def mark_all_read(
    *, user_id: UUID, clock: Callable[[], datetime] = timezone.now
) -> int:
    """Mark all of a person's notices as read; return how many were not."""
    return Notice.objects.of_reader(user_id).unread().update(read_at=clock())


def delete_notice(
    *, user_id: UUID, notice_id: UUID, clock: Callable[[], datetime] = timezone.now
) -> None:
    """Take a notice away from its reader; its ``dedupe`` stays taken."""
    own = Notice.objects.of_reader(user_id).filter(pk=notice_id)
    if not own.update(deleted_at=clock()):
        raise NoticeNotFoundError


@transaction.atomic
def choose(*, user_id: UUID, choices: Mapping[str, Mapping[str, bool]]) -> None:
    """Store the choices that are named; the others stay as they are."""
    for type_, channels in choices.items():
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
    reader = _locked_reader(event.user_id)
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
    reader = _locked_reader(event.user_id)
    reader.learn_role(role=event.role, at=event.changed_at)
    reader.save()


@transaction.atomic
def learn_profile(*, event: ProfileUpdated) -> None:
    """Remember a person's newest name, language and zone."""
    reader = _locked_reader(event.user_id)
    reader.learn_profile(
        display_name=event.display_name,
        locale=event.locale,
        timezone=event.timezone,
        at=event.updated_at,
    )
    reader.save()


def _locked_reader(user_id: UUID) -> Reader:
    return Reader.objects.select_for_update().get_or_create(user_id=user_id)[0]


def _check_text(order: SendNotice) -> dict[str, str]:
    """Return the parameters that the text needs; refuse what cannot be shown."""
    if not order.template:
        if not order.title.strip():
            raise NoticeWithoutTextError
        return {}
    template = TEMPLATES.get(order.template)
    if template is None:
        raise UnknownTemplateError(f"There is no template {order.template!r}.")
    missing = template.parameters - set(order.params) - set(template.fallbacks)
    if missing:
        raise InvalidParametersError(f"Missing: {', '.join(sorted(missing))}.")
    params = {
        name: value
        for name, value in order.params.items()
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
