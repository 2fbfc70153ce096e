"""Run, start, stop and restart: what the commands of the same names do."""

import fcntl
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import logs
from .banner import banner
from .checks import require_machine
from .errors import AlreadyRunningError, OpsError
from .platform import PROGRAMS, Platform
from .prepare import make_keys, prepare, set_up_services
from .processes import (
    STOP_SECONDS,
    Supervisor,
    end_session,
    programs_of,
    start_supervisord,
    stop_supervisord,
)
from .readiness import wait_until_ready


def run(platform: Platform) -> int:
    """Run the whole platform until Ctrl-C, printing what its processes write."""
    with running(platform, say=_say) as supervisord:
        try:
            _say(banner(platform))
            _say("  Ctrl-C stops everything. The logs of all processes:\n")
            logs.follow(
                platform,
                PROGRAMS,
                from_end=True,
                is_over=lambda: supervisord.poll() is not None,
            )
        except KeyboardInterrupt:
            _say("\nStopping …")
            return 0
    _say("The platform was stopped from elsewhere.")
    return 0


@contextmanager
def running(
    platform: Platform,
    programs: tuple[str, ...] = PROGRAMS,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[subprocess.Popen]:
    """Give the supervisord of a ready platform; leave no process behind."""
    supervisord = None
    try:
        supervisord = _bring_up(platform, programs, say)
        yield supervisord
    finally:
        if supervisord is not None:
            end(platform, supervisord)
            say("Stopped.")


def start(platform: Platform, service: str | None) -> None:
    """Start the platform in the background, or *service* of the running one."""
    if service is None:
        _bring_up(platform, PROGRAMS, _say)
        _say(banner(platform))
        return
    programs = programs_of(service)
    supervisor = _refreshed(platform)
    for name in programs:
        supervisor.start(name)
    wait_until_ready(platform, programs)
    _say(f"{', '.join(programs)} running.")


def stop(platform: Platform, service: str | None) -> None:
    """Stop the platform of this folder, or *service* only."""
    if service is None:
        stop_supervisord(platform)
        _say("The platform is stopped.")
        return
    supervisor = Supervisor(platform)
    programs = programs_of(service)
    for name in programs:
        supervisor.stop(name)
    _say(f"{', '.join(programs)} stopped.")


def restart(platform: Platform, service: str | None) -> None:
    """Replace the processes of *service*, or all, by fresh ones; lose no request."""
    programs = programs_of(service)
    supervisor = _refreshed(platform)
    for name in programs:
        supervisor.restart(name)
    wait_until_ready(platform, programs)
    _say(f"{', '.join(programs)} restarted.")


def end(platform: Platform, supervisord: subprocess.Popen) -> None:
    """End *supervisord* and all it started; a second Ctrl-C does not cut this short."""
    with _undisturbed():
        if supervisord.poll() is None:
            supervisord.terminate()
        # Its pid is the number of its session, dead or alive.
        end_session(supervisord.pid, STOP_SECONDS)
        supervisord.wait()


def _refreshed(platform: Platform) -> Supervisor:
    """Give the running platform what changed in its files: secrets and migrations."""
    supervisor = Supervisor(platform)
    supervisor.pid()  # refuses when the platform does not run
    make_keys(platform)
    set_up_services(platform)
    return supervisor


def _bring_up(
    platform: Platform, programs: tuple[str, ...], say: Callable[[str], None]
) -> subprocess.Popen:
    supervisord = None
    try:
        require_machine(platform)
        with _only_one(platform):
            say("Preparing …")
            prepare(platform)
            say("Starting …")
            with _undisturbed(then_interrupt=True):
                supervisord = start_supervisord(platform, programs)
            _wait_for_supervisord(platform, supervisord)
        wait_until_ready(platform, programs)
    except BaseException:
        if supervisord is not None:
            say("Stopping …")
            end(platform, supervisord)
        raise
    return supervisord


def _wait_for_supervisord(platform: Platform, supervisord: subprocess.Popen) -> None:
    supervisor = Supervisor(platform)
    while not supervisor.is_running():
        if supervisord.poll() is not None:
            output = (platform.log / "supervisord.out").read_text().strip()
            reason = output.splitlines()[-1] if output else "it says nothing"
            raise OpsError(f"supervisord did not start: {reason}")
        time.sleep(0.05)


@contextmanager
def _only_one(platform: Platform) -> Iterator[None]:
    """Hold the lock of this platform's folder, or say that it is being started."""
    platform.var.mkdir(parents=True, exist_ok=True)
    with (platform.var / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunningError(
                f"The platform in {platform.var} is being started already."
            ) from error
        if Supervisor(platform).is_running():
            raise AlreadyRunningError(
                f"The platform is already running in this folder: it answers at "
                f"{platform.gateway_url}; `make stop` stops it."
            )
        yield


@contextmanager
def _undisturbed(*, then_interrupt: bool = False) -> Iterator[None]:
    """Put off Ctrl-C and its like until the block is over, or for good.

    Blocked or ignored signals would be inherited by the processes that are started
    inside; a handler is not.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {
        number: signal.signal(number, lambda number, frame: arrived.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if arrived and then_interrupt:
        raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)
