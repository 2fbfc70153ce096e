"""The processes of a platform, under one supervisord."""

import http.client
import os
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from supervisor.xmlrpc import SupervisorTransport

from .errors import NotRunningError, OpsError
from .platform import PROGRAMS, SERVICES, Platform
from .secrets import private_folder

# Above the stopwaitsecs of supervisord.conf: a program that hangs is killed by then.
STOP_SECONDS = 25
_BAD_NAME = 10
_NOT_RUNNING = 70
_ALREADY_STARTED = 60


class Supervisor:
    """What supervisord of one platform knows and does, over its Unix socket."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        # The host is not used: the transport goes to the socket.
        self._proxy = xmlrpc.client.ServerProxy(
            "http://localhost",
            transport=SupervisorTransport(
                None, None, f"unix://{platform.supervisor_socket}"
            ),
        )

    def is_running(self) -> bool:
        """Does supervisord answer?"""
        try:
            self._call("getPID")
        except NotRunningError:
            return False
        return True

    def pid(self) -> int:
        """Return the process id of supervisord itself."""
        return self._call("getPID")

    def programs(self) -> dict[str, dict]:
        """Return what supervisord says about each program, by name."""
        return {info["name"]: info for info in self._call("getAllProcessInfo")}

    def program(self, name: str) -> dict:
        """Return what supervisord says about *name*."""
        return self._call("getProcessInfo", _member(name))

    def start(self, name: str) -> None:
        """Start *name* and wait until it stays up; a running one is left alone."""
        with _tolerated(_ALREADY_STARTED):
            self._call("startProcess", _member(name), True)

    def stop(self, name: str) -> None:
        """Stop *name* and wait until it is gone; a stopped one is left alone."""
        with _tolerated(_NOT_RUNNING):
            self._call("stopProcess", _member(name), True)

    def restart(self, name: str) -> None:
        """Replace *name* by a fresh process; web processes lose no request."""
        reloads_on_hup = name.endswith(("-web", "-stream")) or name == "gateway"
        if reloads_on_hup and self.program(name)["statename"] == "RUNNING":
            self._call("signalProcess", _member(name), "HUP")
            return
        self.stop(name)
        self.start(name)

    def shutdown(self) -> None:
        """Ask supervisord to stop everything and itself."""
        self._call("shutdown")

    def _call(self, method: str, *arguments: object) -> object:
        try:
            return getattr(self._proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == _BAD_NAME:
                raise OpsError(
                    f"There is no program {arguments[0]!r}; "
                    f"there are {', '.join(PROGRAMS)}."
                ) from fault
            raise
        except (OSError, http.client.HTTPException) as error:
            raise NotRunningError(
                "The platform is not running in this folder: `make run` starts it."
            ) from error
        finally:
            # supervisord may be another one at the next call.
            self._proxy("close")()


def _member(name: str) -> str:
    """Return the name by which supervisord knows the program *name*."""
    return f"platform:{name}"


class _tolerated(suppress):  # noqa: N801 - reads like contextlib.suppress
    """Suppress supervisord's fault *code* only."""

    def __init__(self, code: int) -> None:
        super().__init__(xmlrpc.client.Fault)
        self.code = code

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        return isinstance(error, xmlrpc.client.Fault) and error.faultCode == self.code


def programs_of(service: str | None) -> tuple[str, ...]:
    """Return the programs of *service*: a service, one program, or None for all."""
    if service is None:
        return PROGRAMS
    if service in PROGRAMS:
        return (service,)
    if service in SERVICES:
        return tuple(name for name in PROGRAMS if name.startswith(f"{service}-"))
    raise OpsError(
        f"There is no service {service!r}; there are {', '.join(SERVICES)}, gateway."
    )


def start_supervisord(
    platform: Platform, programs: Iterable[str] = PROGRAMS
) -> subprocess.Popen:
    """Start supervisord with *programs*, in a session of its own, and return it.

    The session keeps a terminal's Ctrl-C away from the processes, and is how what a
    dead supervisord left behind is found.
    """
    private_folder(platform.log)
    platform.supervisor_socket.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "supervisor.supervisord",
        "-c",
        str(_configuration(platform, frozenset(programs))),
    ]
    with (platform.log / "supervisord.out").open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=platform.root,
            env=dict(platform.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _configuration(platform: Platform, programs: frozenset[str]) -> Path:
    """Return supervisord.conf, or a copy in which only *programs* start by themselves.

    The copy lists the others too, so that they can be started later.
    """
    source = platform.root / "supervisord.conf"
    if programs == frozenset(PROGRAMS):
        return source
    lines = []
    for line in source.read_text().splitlines():
        lines.append(line.replace("%(here)s", str(platform.root)))
        name = line.removeprefix("[program:").removesuffix("]")
        if line.startswith("[program:") and name not in programs:
            lines.append("autostart=false")
    copy = platform.run / "supervisord.conf"
    copy.write_text("\n".join(lines) + "\n")
    return copy


def stop_supervisord(platform: Platform) -> None:
    """Stop the platform, whoever started it, and wait until it is gone."""
    supervisor = Supervisor(platform)
    pid = supervisor.pid()
    supervisor.shutdown()
    end_session(pid, STOP_SECONDS)


def end_session(
    session: int, patience_seconds: float, clock: Callable[[], float] = time.monotonic
) -> None:
    """Wait until no process of *session* is left; kill those that outstay."""
    give_up_at = clock() + patience_seconds
    while members := session_members(session):
        if clock() > give_up_at:
            for pid in members:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def session_members(session: int) -> list[int]:
    """Return the living processes of *session*; a zombie has died already."""
    return [pid for pid, state in _processes() if state != "Z" and _in(session, pid)]


def _in(session: int, pid: int) -> bool:
    try:
        return os.getsid(pid) == session
    except (ProcessLookupError, PermissionError):
        return False


def _processes() -> Iterator[tuple[int, str]]:
    if not Path("/proc/self/stat").exists():  # macOS
        yield from _processes_by_ps()
        return
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended meanwhile
                # The name, in parentheses, may hold anything; the state follows it.
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                yield int(entry.name), state


def _processes_by_ps() -> Iterator[tuple[int, str]]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    for line in listing.splitlines():
        pid, state = line.split()
        yield int(pid), state[0]
