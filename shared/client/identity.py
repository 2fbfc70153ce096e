"""The key that this service shows to a peer."""

import logging
import threading
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from shared.peers.keys import InternalKey, MalformedKeyError, parse_key

logger = logging.getLogger(__name__)


class Identity:
    """This service's secret and the keys derived from it, one per callee."""

    def __init__(self, secret: str, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._secret = parse_key(secret)
        self._keys: dict[str, str] = {}

    def key_for(self, callee: str) -> str:
        """Return the value of X-Internal-API-Key for *callee*."""
        key = self._keys.get(callee)
        if key is None:
            key = self._keys[callee] = self._secret.for_callee(callee).text
        return key

    def reload(self) -> bool:
        """Read the secret file again; return whether the secret is another now."""
        secret = self._read()
        with self._lock:
            if secret is None or secret == self._secret:
                return False
            self._secret, self._keys = secret, {}
        logger.info("internal key reloaded", extra={"key_id": secret.key_id})
        return True

    def _read(self) -> InternalKey | None:
        if self._path is None:
            return None
        try:
            return parse_key(self._path.read_text().strip())
        except (OSError, MalformedKeyError):
            logger.warning("the internal key file cannot be read")
            return None


@lru_cache(maxsize=1)
def own_identity() -> Identity:
    """Return this process's identity."""
    return Identity(settings.INTERNAL_API_KEY, Path(settings.INTERNAL_API_KEY_FILE))
