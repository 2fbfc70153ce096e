"""The public keys of auth-service, with the last good copy on disk."""

import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import msgspec
from django.conf import settings
from jwt.algorithms import OKPAlgorithm

from shared.client import pipeline
from shared.topology import ACCOUNTS
from shared.wire.endpoints import Endpoint
from shared.wire.errors import CallError, DomainError
from shared.wire.structs import Contract

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 60.0  # a new key is published a minute before it signs
# An unknown key id asks again at once, but not at every forged token.
UNKNOWN_SECONDS = 5.0
_FIRST_WAIT_SECONDS = 2.0
_ASK_AGAIN_SECONDS = 1.0

# What a copy on disk can be that somebody has broken.
_UNUSABLE = (
    *(OSError, ValueError, KeyError, TypeError),
    *(msgspec.DecodeError, jwt.InvalidKeyError),
)

KeyDocuments = list[dict[str, str]]


class GetKeySet(Contract, frozen=True):
    """Which keys sign access tokens?"""


class KeySetDocument(Contract, frozen=True):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]


KEY_SET_ENDPOINT = Endpoint(
    peer=ACCOUNTS,
    method="GET",
    template=f"/api/v1/{ACCOUNTS}/.well-known/jwks.json",
    request=GetKeySet,
    returns=KeySetDocument,
    callers=frozenset(),
    is_keyed=False,
)


class KeySetUnavailableError(DomainError):
    """Tokens cannot be checked right now: auth-service has not given its keys yet."""

    code = "key_set_unavailable"
    status = 503
    retryable = True


def fetch_key_set() -> KeyDocuments:
    """Ask auth-service for its keys; raises CallError."""
    return pipeline.call_from_thread(KEY_SET_ENDPOINT, GetKeySet()).keys


class KeySet:
    """Keys by id. Never queues callers behind a slow auth-service.

    One thread refreshes while the others use what is there; without any key they wait
    for the refresh that is under way, two seconds at most.
    """

    def __init__(
        self,
        source: Callable[[], KeyDocuments] = fetch_key_set,
        path: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = source
        self._path = path
        self._clock = clock
        self._refreshing = threading.Lock()
        self._reading = threading.Lock()
        self._keys: dict[str, object] = {}
        self._tried_at = float("-inf")
        self._has_read_file = False

    def get(self, key_id: str) -> object | None:
        """Return the public key with this id, None when there is no such key.

        Raises KeySetUnavailableError when not a single key is known.
        """
        self._read_file_once()
        if not self._keys:
            self._refresh(wait_seconds=_FIRST_WAIT_SECONDS)
            if not self._keys:
                raise KeySetUnavailableError(retry_after=1)
        elif key_id not in self._keys:
            # Whoever comes while it is asked for waits too: the key may be among them.
            is_due = self._clock() - self._tried_at >= UNKNOWN_SECONDS
            if is_due or self._refreshing.locked():
                self._refresh(wait_seconds=_FIRST_WAIT_SECONDS)
        elif self._is_stale() and not self._refreshing.locked():
            threading.Thread(target=self._refresh, daemon=True).start()
        return self._keys.get(key_id)

    def install(self, documents: KeyDocuments) -> None:
        """Use these keys from now on; raises ValueError when there is none."""
        keys = {
            document["kid"]: OKPAlgorithm.from_jwk(document) for document in documents
        }
        if not keys:
            raise ValueError("the key set is empty")
        self._keys = keys

    def forget(self) -> None:
        """Drop all keys; the next question asks the source again."""
        self._keys = {}
        self._tried_at = float("-inf")
        self._has_read_file = False

    def _is_stale(self) -> bool:
        return self._clock() - self._tried_at >= REFRESH_SECONDS

    def _refresh(self, wait_seconds: float = 0.0) -> None:
        tried_at = self._tried_at
        if not self._refreshing.acquire(timeout=wait_seconds):
            return
        try:
            # Somebody else has just asked: the answer would be the same.
            has_been_asked = self._tried_at != tried_at
            if has_been_asked or self._clock() - tried_at < _ASK_AGAIN_SECONDS:
                return
            self._tried_at = self._clock()
            documents = self.source()
            self.install(documents)
            self._write_file(documents)
        except CallError as error:
            logger.warning("key set not refreshed", extra={"outcome": error.outcome})
        except (KeyError, ValueError, jwt.InvalidKeyError):
            logger.exception("key set not usable")
        finally:
            # When it ended: who waited for it need not ask again.
            self._tried_at = self._clock()
            self._refreshing.release()

    def _read_file_once(self) -> None:
        if self._has_read_file or self._path is None:
            return
        # Nobody asks auth-service meanwhile: the copy must not replace newer keys.
        with self._reading:
            if not self._has_read_file:
                self._install_file()
                self._has_read_file = True

    def _install_file(self) -> None:
        try:
            self.install(msgspec.json.decode(self._path.read_bytes())["keys"])
        except FileNotFoundError:
            return
        except _UNUSABLE:
            logger.warning("the key set on disk is not usable", exc_info=True)

    def _write_file(self, documents: KeyDocuments) -> None:
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=self._path.parent, delete=False
            ) as file:
                json.dump({"keys": documents}, file)
            os.replace(file.name, self._path)
        except OSError:
            logger.warning("the key set was not written to disk", exc_info=True)


key_set = KeySet(path=Path(settings.JWT_KEY_SET_FILE))
