"""Take people out of the outbox: what is about them, and what only names them.

A message is about the person who is its ordering key, or the ``user_id`` in its
payload. It is found by the text of the id, in one pass over the table for all *ids*:
an index on every message would cost each of them more than a pass per erasure does.
"""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Replace

from shared.operators.erasing import spans_of
from shared.wire.ids import NOBODY

from .letters import InFlightError, cancel
from .models import OutboxMessage
from .verdicts import ACCOUNT_ERASED

State = OutboxMessage.State
_EMPTY = {"payload": "{}", "ordering_key": "", "on_behalf_of": None, "last_error": ""}


def scrub_messages(ids: Collection[UUID], *, keep: str) -> set[UUID]:
    """Remove *ids* from all messages; return those that some message still names.

    Messages about a person are cancelled, unless they are delivered, and emptied.
    In others NOBODY takes the id's place once they are settled: until then a peer may
    have the old payload under their key. Events of the type *keep* are the news of the
    erasure itself: never cancelled, and emptied when they are delivered.
    """
    named = Q()
    for id_ in ids:
        named |= _names(id_)
    left = set()
    for span in spans_of(OutboxMessage.objects.all()):
        if span.filter(named).exists():
            left |= {id_ for id_ in ids if not _scrub(span, id_, keep)}
    return left


def _scrub(span: QuerySet, id_: UUID, keep: str) -> bool:
    own = span.filter(_is_about(id_))
    with suppress(InFlightError):  # the next sweep finds them
        cancel(own.open().exclude(type=keep), reason=ACCOUNT_ERASED)
    own.filter(state=State.CANCELLED).update(reason=ACCOUNT_ERASED, **_EMPTY)
    own.filter(state=State.DELIVERED).update(**_EMPTY)
    span.filter(on_behalf_of=id_).update(on_behalf_of=None)
    naming = span.filter(payload__contains=str(id_)).exclude(_is_about(id_))
    naming.exclude(state=State.PENDING).update(
        payload=Replace("payload", Value(str(id_)), Value(str(NOBODY)))
    )
    return not span.filter(_names(id_)).exists()


def _is_about(id_: UUID) -> Q:
    return Q(ordering_key=str(id_)) | Q(payload__contains=f'"user_id":"{id_}"')


def _names(id_: UUID) -> Q:
    return (
        Q(ordering_key=str(id_)) | Q(payload__contains=str(id_)) | Q(on_behalf_of=id_)
    )
