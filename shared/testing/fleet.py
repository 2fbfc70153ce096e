"""The real platform on free ports in a folder of its own, for tests."""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from ops.errors import OpsError
from ops.life import running
from ops.platform import DEFAULT_PORTS, PROGRAMS, SERVICES, Platform, platform_from
from ops.ports import is_free
from ops.prepare import run_module
from ops.processes import Supervisor
from ops.readiness import last_lines, wait_until_ready

from .postgres import postgres_server

# What the developer's shell says about a platform is not about this one.
_PLATFORM_VARIABLES = (
    *DEFAULT_PORTS,
    *(f"{name.upper()}_SERVICE_URL" for name in SERVICES),
    *(f"{name.upper()}_DATABASE_URL" for name in SERVICES),
    "DATABASE_URL",
    "PLATFORM_VAR",
    "PLATFORM_RUN",
    "PROMETHEUS_MULTIPROC_DIR",
    "DJANGO_SETTINGS_MODULE",
    "SERVICE",
    "LOG_LEVEL",
    "LOG_FORMAT",
    # One secret for all services would be none: every call would be refused.
    *(
        f"{name}{suffix}"
        for name in ("SECRET_KEY", "INTERNAL_API_KEY", "DATABASE_PASSWORD")
        for suffix in ("", "_FILE")
    ),
)

_FIRST_PORT, _LAST_PORT, _PORTS_OF_A_FLEET = 26000, 32000, 16


class Fleet:
    """Five web processes, five workers, the streams and the gateway, by socket.

    *programs* start with it; the others can be started later. *environment* goes to
    every process: ``{"USER_SERVICE_URL": faulty.url}`` puts a faulty peer in a
    service's place. With *on_postgres* each service has a database on a server of the
    fleet's own. Used as a context manager it leaves no process and no file behind.
    """

    def __init__(
        self,
        programs: Iterable[str] = PROGRAMS,
        *,
        environment: Mapping[str, str] | None = None,
        on_postgres: bool = False,
    ) -> None:
        self.programs = tuple(programs)
        self._extra = dict(environment or {})
        self._on_postgres = on_postgres
        self._frozen: set[str] = set()
        self._exits = ExitStack()
        self.platform: Platform

    def __enter__(self) -> "Fleet":
        with ExitStack() as exits:
            folder = Path(tempfile.mkdtemp(prefix="fleet-"))
            exits.callback(shutil.rmtree, folder, ignore_errors=True)
            environment = {
                **outer_environment(),
                "PLATFORM_VAR": str(folder),
                # Messages of the demo learners would come in the midst of a test.
                "DEMO_HISTORY": "0",
                **reserved_ports(exits),
                **self._databases(exits),
                **self._extra,
            }
            self.platform = platform_from(environment)
            exits.callback(shutil.rmtree, self.platform.run, ignore_errors=True)
            exits.enter_context(running(self.platform, self.programs))
            exits.callback(self._wake_all)
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    @property
    def gateway_url(self) -> str:
        """The address for the world."""
        return self.platform.gateway_url

    def url(self, service: str) -> str:
        """Return the address of *service* itself."""
        return self.platform.url(service)

    def worker_url(self, service: str) -> str:
        """Return the address of the worker of *service*: health and metrics."""
        return self.platform.worker_url(service)

    def stream_url(self, service: str) -> str:
        """Return the address of the stream process of *service*."""
        return self.platform.stream_url(service)

    def database(self, service: str) -> str:
        """Return the DATABASE_URL of *service*, or the path of its SQLite file."""
        url = self.platform.environment.get(f"{service.upper()}_DATABASE_URL")
        return url or str(self.platform.var / service / "db.sqlite3")

    def manage(self, service: str, *arguments: str) -> str:
        """Run a management command of *service*; return what it prints."""
        return run_module(
            self.platform,
            [f"{service}_project.manage", *arguments],
            self.platform.service_environment(service),
            f"manage.py {arguments[0]} failed",
        )

    def pid(self, program: str) -> int:
        """Return the process id of *program*; refuse when it has none.

        supervisord says 0 in back-off, and a signal to 0 would end the test run.
        """
        pid = Supervisor(self.platform).program(program)["pid"]
        if pid <= 1:
            raise RuntimeError(f"{program} is not running.\n{self.logs(program)}")
        return pid

    def stop(self, program: str) -> None:
        """Stop *program* in good order; it stays down until :meth:`start`."""
        self.thaw(program)
        Supervisor(self.platform).stop(program)

    def start(self, program: str) -> None:
        """Start *program* and wait until it answers."""
        Supervisor(self.platform).start(program)
        wait_until_ready(self.platform, [program])

    def restart(self, program: str) -> None:
        """Replace the processes of *program* as `make restart` does."""
        Supervisor(self.platform).restart(program)
        wait_until_ready(self.platform, [program])

    def kill(self, program: str) -> int:
        """Kill *program* with all its children, as a crash would; return its pid.

        supervisord starts it again; :meth:`wait_until_ready` waits for that.
        """
        pid = self.pid(program)
        os.killpg(pid, signal.SIGKILL)
        self._frozen.discard(program)
        return pid

    def wait_until_ready(self, *programs: str) -> None:
        """Return when *programs*, or all that were started, answer."""
        wait_until_ready(self.platform, programs or self.programs)

    def freeze(self, program: str) -> None:
        """Let *program* hang: it keeps its connections and does nothing."""
        os.killpg(self.pid(program), signal.SIGSTOP)
        self._frozen.add(program)

    def thaw(self, program: str) -> None:
        """Let a frozen *program* go on."""
        if program in self._frozen:
            os.killpg(self.pid(program), signal.SIGCONT)
            self._frozen.discard(program)

    def mend(self) -> None:
        """Wake and start what a test has frozen, stopped or killed."""
        for program in tuple(self._frozen):
            self.thaw(program)
        supervisor = Supervisor(self.platform)
        for program in self.programs:
            supervisor.start(program)
        self.wait_until_ready()

    def logs(self, program: str, lines: int = 200) -> str:
        """Return the end of what *program* has written."""
        return last_lines(self.platform, program, lines)

    def _wake_all(self) -> None:
        """Wake what is frozen: a stopped process does not notice that it should end."""
        for program in tuple(self._frozen):
            with suppress(OpsError, RuntimeError, ProcessLookupError):
                self.thaw(program)

    def _databases(self, exits: ExitStack) -> dict[str, str]:
        if not self._on_postgres:
            return {}
        server = exits.enter_context(postgres_server())
        return {
            f"{name.upper()}_DATABASE_URL": server.create_database(name)
            for name in SERVICES
        }


def reserved_ports(exits: ExitStack) -> dict[str, str]:
    """Return a free port for every variable of a platform, kept until *exits* ends.

    Below the range from which the system takes the ports of outgoing connections: a
    program that is stopped for a while would find its own port taken by one.
    """
    for first in range(_FIRST_PORT, _LAST_PORT, _PORTS_OF_A_FLEET):
        lock = _locked(Path(tempfile.gettempdir()) / f"fleet-ports-{first}.lock")
        if lock is None:
            continue
        ports = range(first, first + len(DEFAULT_PORTS))
        if all(is_free(port) for port in ports):
            exits.callback(lock.close)
            return dict(zip(DEFAULT_PORTS, map(str, ports), strict=True))
        lock.close()
    raise RuntimeError(
        f"No block of free ports between {_FIRST_PORT} and {_LAST_PORT}."
    )


def _locked(path: Path) -> TextIO | None:
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def outer_environment() -> dict[str, str]:
    """Return this process's environment without what it says about a platform."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _PLATFORM_VARIABLES
    }
