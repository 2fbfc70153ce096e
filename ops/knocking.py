"""Does a service accept a key: asked at its door, as a peer would."""

import urllib.error
import urllib.request

from .callers import derived_key
from .platform import Platform

_INVALID_KEY = "forbidden: invalid internal key"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def accepts_key(platform: Platform, caller: str, callee: str) -> bool | None:
    """Show the key of *caller* to *callee*; None when it does not answer.

    The key is checked before the method, so a GET to the events endpoint changes
    nothing and still tells a good key from a bad one.
    """
    request = urllib.request.Request(
        f"{platform.url(callee)}/api/v1/{callee}/internal/events",
        headers={"X-Internal-API-Key": derived_key(platform, caller, callee).text},
    )
    try:
        with _opener.open(request, timeout=3):
            return True
    except urllib.error.HTTPError as answer:
        if answer.code >= 500:
            return None
        return not (answer.code == 403 and _INVALID_KEY in answer.read().decode())
    except OSError:
        return None
