"""The key that this service shows to a peer."""

import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from shared.peers.keys import InternalKey, MalformedKeyError, parse_key

logger = logging.getLogger(__name__)

# A rotation waits for longer than this before it revokes the old key (ops/rotation.py).
LOOK_EVERY_SECONDS = 5.0

_Stamp = tuple[int, int, int]


class Identity:
    """This service's secret and the keys derived from it, one per callee.

    A retiring key is never refused, so a process that waited for a refusal would show
    it until it is revoked: the secret file is looked at every few seconds.
    """

    def __init__(
        self,
        secret: str,
        path: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._secret = _Secret(parse_key(secret))
        self._stamp: _Stamp | None = None
        self._look_at = float("-inf")

    def key_for(self, callee: str) -> str:
        """Return the value of X-Internal-API-Key for *callee*."""
        if self._clock() >= self._look_at:
            self._look()
        return self._secret.key_for(callee)

    def reload(self) -> bool:
        """Read the secret file again; return whether the secret is another now."""
        # Read under the lock: a slow reader must not put an older secret back.
        with self._lock:
            key = self._read()
            if key is None or key == self._secret.key:
                return False
            self._secret = _Secret(key)
        logger.info("internal key reloaded", extra={"key_id": key.key_id})
        return True

    def _look(self) -> None:
        self._look_at = self._clock() + LOOK_EVERY_SECONDS
        stamp = self._stamp_of_file()
        if stamp is None or stamp == self._stamp:
            return
        # Before reading: what changes meanwhile is then seen at the next look.
        self._stamp = stamp
        self.reload()

    def _stamp_of_file(self) -> _Stamp | None:
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _read(self) -> InternalKey | None:
        if self._path is None:
            return None
        try:
            return parse_key(self._path.read_text().strip())
        except (OSError, MalformedKeyError):
            logger.warning("the internal key file cannot be read")
            return None


class _Secret:
    """One secret with its derived keys: they are replaced together, or a thread that
    derives meanwhile leaves a key of the old secret among those of the new one.
    """

    def __init__(self, key: InternalKey) -> None:
        self.key = key
        self._keys: dict[str, str] = {}

    def key_for(self, callee: str) -> str:
        text = self._keys.get(callee)
        if text is None:
            text = self._keys[callee] = self.key.for_callee(callee).text
        return text


@lru_cache(maxsize=1)
def own_identity() -> Identity:
    """Return this process's identity."""
    file = settings.INTERNAL_API_KEY_FILE
    return Identity(settings.INTERNAL_API_KEY, Path(file) if file else None)
