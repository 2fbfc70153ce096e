"""The digests by which each service knows its callers on this machine."""

import json
from pathlib import Path

from shared.peers.keys import InternalKey, MalformedKeyError, parse_key

from .errors import OpsError
from .platform import SERVICES, Platform
from .secrets import write_private

CALLERS_FILE = "callers.json"


def write_callers(platform: Platform) -> None:
    """Write, per service, the file that `internal_keys register --from-file` reads:
    a list of ``{"caller", "key_id", "digest"}``. It holds no secret.
    """
    for callee in SERVICES:
        path = platform.var / callee / CALLERS_FILE
        text = json.dumps(callers_of(platform, callee), indent=2) + "\n"
        # Left alone when it says the same: its change means new keys to register.
        if not path.is_file() or path.read_text() != text:
            write_private(path, text)


def callers_of(platform: Platform, callee: str) -> list[dict[str, str]]:
    """Return what *callee* has to know of every service that calls it.

    A caller whose secret is being replaced has two keys.
    """
    return [
        {"caller": caller, "key_id": key.key_id, "digest": key.digest}
        for caller in SERVICES
        if callee in callees_of(caller)
        for secret in (own_secret(platform, caller), next_secret(platform, caller))
        if secret is not None
        for key in [secret.for_callee(callee)]
    ]


def callees_of(caller: str) -> tuple[str, ...]:
    """Return the services that must know the key of *caller*.

    auth calls itself: its own admin signs people in by the endpoint of all admins.
    """
    return tuple(name for name in SERVICES if name != caller or caller == "auth")


def derived_key(platform: Platform, caller: str, callee: str) -> InternalKey:
    """Return the key that *caller* shows to *callee*."""
    return own_secret(platform, caller).for_callee(callee)


def own_secret(platform: Platform, caller: str) -> InternalKey:
    """Return the secret that *caller* uses."""
    return _secret_in(secret_file(platform, caller))


def next_secret(platform: Platform, caller: str) -> InternalKey | None:
    """Return the secret that *caller* will use when its rotation goes on."""
    path = next_secret_file(platform, caller)
    return _secret_in(path) if path.is_file() else None


def secret_file(platform: Platform, caller: str) -> Path:
    """Return the file of the secret of *caller*."""
    return platform.var / caller / "secrets" / "internal_api_key"


def next_secret_file(platform: Platform, caller: str) -> Path:
    """Return the file of a secret that *caller* does not use yet."""
    return platform.var / caller / "secrets" / "internal_api_key.next"


def _secret_in(path: Path) -> InternalKey:
    try:
        return parse_key(path.read_text().strip())
    except MalformedKeyError as error:
        raise OpsError(f"{path} does not hold an internal key: {error}.") from error
