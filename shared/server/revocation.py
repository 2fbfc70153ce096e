"""Access that ended before its tokens expire."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from .models import Revocation

# Access tokens live 15 minutes with 30 s of leeway; older rows concern none.
KEPT = timedelta(minutes=30)
# The promise is 60 s from the fact; delivery of the event takes its share.
REFRESH_SECONDS = 5.0


class RevocationList:
    """The table in memory, read again every few seconds and after own writes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._users: dict[UUID, datetime] = {}
        self._sessions: frozenset[UUID] = frozenset()

    def refuses(
        self, *, user_id: UUID, session_id: UUID | None, issued_at: datetime
    ) -> bool:
        """Say whether a token of this user, session and time is revoked."""
        self._refresh()
        if session_id in self._sessions:
            return True
        ended_at = self._users.get(user_id)
        return ended_at is not None and issued_at <= ended_at

    def forget(self) -> None:
        """Read the table again before the next answer."""
        self._read_at = float("-inf")

    def _refresh(self) -> None:
        if self._clock() - self._read_at < REFRESH_SECONDS:
            return
        with self._lock:
            if self._clock() - self._read_at < REFRESH_SECONDS:
                return
            rows = Revocation.objects.filter(at__gte=timezone.now() - KEPT)
            users, sessions = {}, set()
            for kind, subject, at in rows.values_list("kind", "subject", "at"):
                if kind == Revocation.Kind.USER:
                    users[subject] = at
                else:
                    sessions.add(subject)
            self._users, self._sessions = users, frozenset(sessions)
            self._read_at = self._clock()


revocations = RevocationList()


def revoke_user(user_id: UUID, *, at: datetime | None = None, reason: str) -> None:
    """Refuse the user's tokens issued until *at* (now, when it is left out)."""
    _revoke(Revocation.Kind.USER, user_id, at or timezone.now(), reason)


def revoke_session(
    session_id: UUID, *, at: datetime | None = None, reason: str
) -> None:
    """Refuse all tokens of a session."""
    _revoke(Revocation.Kind.SESSION, session_id, at or timezone.now(), reason)


def _revoke(kind: str, subject: UUID, at: datetime, reason: str) -> None:
    with transaction.atomic():
        row, is_new = Revocation.objects.get_or_create(
            kind=kind, subject=subject, defaults={"at": at, "reason": reason}
        )
        # Facts arrive in any order: the latest one counts.
        if not is_new and row.at < at:
            row.at, row.reason = at, reason
            row.save(update_fields=["at", "reason"])
        transaction.on_commit(revocations.forget)


def purge_revocations(*, now: Callable[[], datetime] = timezone.now) -> int:
    """Delete rows that concern no token any more."""
    count, _ = Revocation.objects.filter(at__lt=now() - KEPT).delete()
    return count
