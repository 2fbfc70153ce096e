"""Internal keys: how they look, how one secret gives a key per callee.

A secret is ``ik_<key id>_<256 random bits>``. What travels to a callee is derived from
it with HMAC-SHA256 (RFC 2104) over the callee's name, so a callee, or its log, cannot
be used to impersonate the caller elsewhere. The callee keeps only a SHA-256 of what it
expects; no slow hash is needed, because the secret is random.

``python -m shared.peers.keys`` prints a new secret; with the name of a callee it prints
the key derived from the secret on standard input.
"""

import hashlib
import hmac
import re
import secrets
import sys
from dataclasses import dataclass

_FORM = re.compile(r"ik_([0-9a-z]{6,32})_([0-9A-Za-z_\-]{32,128})")
_KEY_ID_BYTES = 6
_SECRET_BYTES = 32


class MalformedKeyError(ValueError):
    """It is not ``ik_<key id>_<secret>``. The message never holds the key."""


@dataclass(frozen=True, slots=True)
class InternalKey:
    """A secret or a derived key, in its two parts."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return f"InternalKey({self.key_id}, ...)"

    @property
    def text(self) -> str:
        """The key as it travels or is stored by its owner."""
        return f"ik_{self.key_id}_{self.secret}"

    def for_callee(self, callee: str) -> "InternalKey":
        """Return the key that this secret's owner shows to *callee*."""
        mac = hmac.new(self.text.encode(), callee.encode(), hashlib.sha256)
        return InternalKey(self.key_id, mac.hexdigest())

    @property
    def digest(self) -> str:
        """The SHA-256 that a callee stores, in hex."""
        return digest_of(self.text)


def new_secret() -> InternalKey:
    """Return a new secret."""
    return InternalKey(
        secrets.token_hex(_KEY_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    )


def parse_key(text: str) -> InternalKey:
    """Split a key into its parts; raises MalformedKeyError."""
    match = _FORM.fullmatch(text)
    if not match:
        raise MalformedKeyError("an internal key has the form ik_<key id>_<secret>")
    return InternalKey(match[1], match[2])


def digest_of(text: str) -> str:
    """Return the SHA-256 of a key as it travels, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def main(callees: list[str]) -> None:
    """Print a new secret, or the key for each of *callees*."""
    if not callees:
        sys.stdout.write(f"{new_secret().text}\n")
        return
    try:
        secret = parse_key(sys.stdin.read().strip())
    except MalformedKeyError as error:
        sys.exit(f"{error}.")
    for callee in callees:
        sys.stdout.write(f"{secret.for_callee(callee).text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
