"""The digests by which each service knows its callers on this machine."""

import json

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

    auth calls itself: its own admin signs people in by the endpoint of all admins.
    """
    return [
        {"caller": caller, "key_id": key.key_id, "digest": key.digest}
        for caller in SERVICES
        if caller != callee or callee == "auth"
        for key in [derived_key(platform, caller, callee)]
    ]


def derived_key(platform: Platform, caller: str, callee: str) -> InternalKey:
    """Return the key that *caller* shows to *callee*."""
    path = platform.var / caller / "secrets" / "internal_api_key"
    try:
        return parse_key(path.read_text().strip()).for_callee(callee)
    except MalformedKeyError as error:
        raise OpsError(f"{path} does not hold an internal key: {error}.") from error
