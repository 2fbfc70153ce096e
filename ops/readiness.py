"""Do the processes of a platform answer."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

from .errors import OpsError
from .platform import Platform
from .processes import Supervisor

START_SECONDS = 60
# One failed start may be bad luck, as with a port that was still held.
FAILED_STARTS = 3
# The machine's own addresses are not reached through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str, timeout_seconds: float = 2) -> bool:
    """Does *url* answer 2xx?"""
    try:
        with _opener.open(url, timeout=timeout_seconds) as response:
            return 200 <= response.status < 300
    except (OSError, urllib.error.URLError, ValueError):
        return False


def wait_until_ready(
    platform: Platform,
    programs: Iterable[str],
    seconds: float = START_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return when every one of *programs* answers; refuse after *seconds*, or as soon
    as supervisord has given one up, with the last lines of its log.
    """
    waiting = list(programs)
    give_up_at = clock() + seconds
    supervisor = Supervisor(platform)
    failed_starts: set[tuple[str, int]] = set()
    while True:
        waiting = [name for name in waiting if not answers(platform.health_url(name))]
        if not waiting:
            return
        for name in waiting:
            info = supervisor.program(name)
            if info["statename"] == "BACKOFF":
                failed_starts.add((name, info["start"]))
            failures = sum(1 for failed, _ in failed_starts if failed == name)
            if info["statename"] == "FATAL" or failures >= FAILED_STARTS:
                raise OpsError(
                    f"{name} ends as soon as it starts. "
                    f"Its log ends:\n{last_lines(platform, name)}"
                )
        if clock() > give_up_at:
            raise OpsError(
                f"{', '.join(waiting)} did not become ready within {seconds:.0f} s. "
                f"The log of {waiting[0]} ends:\n{last_lines(platform, waiting[0])}"
            )
        time.sleep(0.1)


def last_lines(platform: Platform, program: str, count: int = 15) -> str:
    """Return the end of the log of *program*."""
    path = platform.log / f"{program}.log"
    if not path.is_file():
        return "(empty)"
    lines = path.read_text(errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-count:]) or "(empty)"
