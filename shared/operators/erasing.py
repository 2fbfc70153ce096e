"""Take a person out of what operators left behind, and walk tables without a stop."""

from collections.abc import Collection, Iterator
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

ROWS_AT_ONCE = 1000  # per statement: no pass over a table holds the database for long
_BLANK = {"object_id": None, "object_repr": "erased", "change_message": ""}


def erase_rows(rows: QuerySet) -> None:
    """Delete *rows*, and what the admin log says of them.

    For models whose text names a person without the user id: by address, or by title.
    """
    content_type = ContentType.objects.get_for_model(rows.model)
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    for start in range(0, len(ids), ROWS_AT_ONCE):
        LogEntry.objects.filter(
            content_type=content_type, object_id__in=ids[start : start + ROWS_AT_ONCE]
        ).update(**_BLANK)
    rows.delete()


def blank_log(ids: Collection[UUID]) -> None:
    """Let the admin log forget what names one of *ids*; who did it and when stays."""
    found = Q()
    for text in map(str, ids):
        found |= Q(object_id=text) | Q(object_repr__contains=text)
        found |= Q(change_message__contains=text)
    LogEntry.objects.filter(found).update(**_BLANK)


def spans_of(rows: QuerySet) -> Iterator[QuerySet]:
    """Yield *rows* in spans of their primary key, each found by that index alone."""
    keys = rows.order_by("pk").values_list("pk", flat=True)
    last = list(keys[:1])
    if not last:
        return
    start = last[0]
    while span := list(keys.filter(pk__gte=start)[: ROWS_AT_ONCE + 1]):
        whole = span[:ROWS_AT_ONCE]
        yield rows.filter(pk__gte=whole[0], pk__lte=whole[-1])
        if len(span) <= ROWS_AT_ONCE:
            return
        start = span[-1]
