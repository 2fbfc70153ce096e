"""Rows for the tests of letters, explanations and the admin."""

import json

from django.db import transaction
from django.utils import timezone

from shared.contracts.user import CreateProfile, create_profile
from shared.outbox.models import OutboxMessage
from shared.outbox.writing import write_message
from shared.wire.ids import uuid7


def make_pending(*, user_id=None, **fields):
    """Write a call to user-service, and set *fields* on the row."""
    request = CreateProfile(
        user_id=user_id or uuid7(), email="ana@example.com", role="student"
    )
    with transaction.atomic():
        message = create_profile.later(request)
    return _set(message, fields)


def make_dead_letter(**fields):
    """Write a call that user-service refused for good."""
    defaults = {
        "state": OutboxMessage.State.DEAD,
        "reason": "refused with 400 invalid_request",
        "last_outcome": "refused",
        "last_error": "user POST …: The request does not fit the contract.",
        "happened": "no",
        "attempts": 1,
        "settled_at": timezone.now(),
    }
    return make_pending(**defaults | fields)


def make_event(**fields):
    """Write an event that notification-service refused for good."""
    user_id = str(uuid7())
    data = {
        "user_id": user_id,
        "display_name": "An",
        "locale": "en",
        "timezone": "UTC",
        "visibility": "public",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    envelope = {
        "id": str(uuid7()),
        "source": "user",
        "type": "profile.updated.v1",
        "subject": user_id,
        "time": "2026-01-01T00:00:00+00:00",
        "data": data,
    }
    with transaction.atomic():
        message = write_message(
            kind=OutboxMessage.Kind.EVENT,
            type_="profile.updated.v1",
            destination="notification",
            payload=json.dumps(envelope),
            ordering_key=user_id,
        )
    defaults = {"state": OutboxMessage.State.DEAD, "reason": "refused with 400"}
    return _set(message, defaults | fields)


def _set(message, fields):
    OutboxMessage.objects.filter(pk=message.pk).update(**fields)
    message.refresh_from_db()
    return message
