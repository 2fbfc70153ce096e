"""The keys that sign access tokens: a folder of private keys, and which of them signs.

A new key is published at once and signs a minute later, when every service has fetched
the key set; an old one stays published until it is retired.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.utils import timezone

from .errors import KeyRotationError, NoSigningKeyError

ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
PUBLISHED_BEFORE_SIGNING = timedelta(seconds=60)  # services fetch the set this often
CLOCK_MARGIN = timedelta(seconds=60)  # a signer whose clock is behind signs longer
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class SigningKey:
    """One key: its id, from when on it signs, its private half."""

    kid: str
    signs_from: datetime
    private_key: Ed25519PrivateKey

    @property
    def jwk(self) -> dict[str, str]:
        """The public half, as the key set shows it (RFC 8037)."""
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.kid,
            "x": _base64url(_public_bytes(self.private_key)),
        }


@dataclass(frozen=True)
class KeyRing:
    """The keys that are published, by the time from which each signs."""

    keys: tuple[SigningKey, ...]

    def signing_key(self, now: datetime) -> SigningKey:
        """Return the newest key whose time has come; raises NoSigningKeyError."""
        for key in reversed(self.keys):
            if key.signs_from <= now:
                return key
        raise NoSigningKeyError

    def next_key(self, now: datetime) -> SigningKey | None:
        """Return the key that is published and does not sign yet."""
        return next((key for key in self.keys if key.signs_from > now), None)

    def previous_keys(self, now: datetime) -> list[SigningKey]:
        """Return the keys that no longer sign."""
        current = self.signing_key(now)
        return [key for key in self.keys if key.signs_from < current.signs_from]

    def retirable_at(self, key: SigningKey) -> datetime:
        """Return when no token that *key* signed is accepted any more."""
        successor = self.keys[self.keys.index(key) + 1]
        leeway = timedelta(seconds=settings.JWT_LEEWAY_SECONDS)
        return successor.signs_from + ACCESS_TOKEN_LIFETIME + leeway + CLOCK_MARGIN


class SigningKeyStore:
    """The key ring in a folder; it is read again when its state file is another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = folder / "state.json"
        self._seen: tuple[int, int] | None = None
        self._ring = KeyRing(())

    def ring(self) -> KeyRing:
        """Return the keys as they are in the folder now."""
        try:
            status = self._state.stat()
        except FileNotFoundError:
            return KeyRing(())
        # The file is replaced whole, so another inode or time means another content.
        version = (status.st_ino, status.st_mtime_ns)
        if version != self._seen:
            self._ring = self._read()
            self._seen = version
        return self._ring

    def ensure(self, *, clock: Clock = timezone.now) -> SigningKey:
        """Return the key that signs; make the first one when there is none."""
        with self._locked():
            ring = self.ring()
            if not ring.keys:
                # Nobody has fetched a key set yet, so it may sign at once.
                ring = self._write((self._make_key(clock()),))
            return ring.signing_key(clock())

    def rotate(self, *, clock: Clock = timezone.now) -> SigningKey:
        """Publish a new key that signs after a minute.

        Raises KeyRotationError while another one waits for its minute.
        """
        with self._locked():
            ring = self.ring()
            if waiting := ring.next_key(clock()):
                raise KeyRotationError(
                    f"Key {waiting.kid} is published and signs from "
                    f"{waiting.signs_from:%H:%M:%S} UTC: rotate again after that."
                )
            signs_from = clock() + PUBLISHED_BEFORE_SIGNING if ring.keys else clock()
            key = self._make_key(signs_from)
            self._write((*ring.keys, key))
            return key

    def retire(self, *, clock: Clock = timezone.now) -> list[SigningKey]:
        """Remove the keys that no longer sign, and return them.

        Raises KeyRotationError while a token that one of them signed may live.
        """
        now = clock()
        with self._locked():
            ring = self.ring()
            for key in ring.previous_keys(now):
                if now < ring.retirable_at(key):
                    raise KeyRotationError(
                        f"Tokens signed by {key.kid} may live until "
                        f"{ring.retirable_at(key):%Y-%m-%d %H:%M:%S} UTC: retire it "
                        f"then, or use --force to refuse them now."
                    )
            return self._remove(ring.previous_keys(now))

    def retire_now(self, *, clock: Clock = timezone.now) -> list[SigningKey]:
        """Remove the keys that no longer sign, although their tokens may live."""
        with self._locked():
            return self._remove(self.ring().previous_keys(clock()))

    def _remove(self, keys: list[SigningKey]) -> list[SigningKey]:
        self._write(tuple(key for key in self.ring().keys if key not in keys))
        for key in keys:
            self._path(key.kid).unlink(missing_ok=True)
        return keys

    def _make_key(self, signs_from: datetime) -> SigningKey:
        private_key = Ed25519PrivateKey.generate()
        key = SigningKey(_thumbprint(private_key), signs_from, private_key)
        pem = private_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
        _write_private(self._path(key.kid), pem)
        return key

    def _read(self) -> KeyRing:
        return KeyRing(
            tuple(
                SigningKey(
                    kid=entry["kid"],
                    signs_from=datetime.fromisoformat(entry["signs_from"]),
                    private_key=load_pem_private_key(
                        self._path(entry["kid"]).read_bytes(), password=None
                    ),
                )
                for entry in json.loads(self._state.read_text())["keys"]
            )
        )

    def _write(self, keys: tuple[SigningKey, ...]) -> KeyRing:
        entries = [
            {"kid": key.kid, "signs_from": key.signs_from.astimezone(UTC).isoformat()}
            for key in keys
        ]
        state = json.dumps({"keys": entries}, indent=2) + "\n"
        _write_private(self._state, state.encode())
        return self.ring()

    def _path(self, kid: str) -> Path:
        return self._folder / f"{kid}.pem"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        descriptor = os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def signing_keys() -> SigningKeyStore:
    """Return the key store of this service."""
    return _store(Path(settings.JWT_KEYS_DIR))


def published_keys() -> list[dict[str, str]]:
    """Return the key set: previous keys, the current one, the next.

    Raises NoSigningKeyError rather than telling services that no token is good.
    """
    ring = signing_keys().ring()
    if not ring.keys:
        raise NoSigningKeyError
    return [key.jwk for key in ring.keys]


@cache
def _store(folder: Path) -> SigningKeyStore:
    return SigningKeyStore(folder)


def _write_private(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def _public_bytes(private_key: Ed25519PrivateKey) -> bytes:
    return private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _thumbprint(private_key: Ed25519PrivateKey) -> str:
    # RFC 7638: SHA-256 over the required members, in order, without spaces.
    members = {
        "crv": "Ed25519",
        "kty": "OKP",
        "x": _base64url(_public_bytes(private_key)),
    }
    text = json.dumps(members, separators=(",", ":"))
    return _base64url(hashlib.sha256(text.encode()).digest())


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
