"""Everything that a platform needs before its processes start; twice is as good."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .banner import DEMO_ACCOUNTS_FILE
from .callers import CALLERS_FILE, write_callers
from .checks import require_machine
from .errors import OpsError
from .platform import SERVICES, Platform
from .ports import require_free_ports
from .processes import Supervisor
from .secrets import ensure_secrets, private_folder, write_private

STAMP_FILE = "prepared"


def prepare(platform: Platform) -> None:
    """Check the machine, make secrets, databases, keys and demo accounts.

    What was done before, and is unchanged, is left alone.
    """
    require_machine(platform)
    if not Supervisor(platform).is_running():
        require_free_ports(platform)
    make_keys(platform)
    set_up_services(platform)
    render_gateway(platform)


def make_keys(platform: Platform) -> list[Path]:
    """Make the secrets that are missing and the callers' digests; return new files."""
    made = ensure_secrets(platform)
    write_callers(platform)
    return made


def set_up_services(platform: Platform) -> None:
    """Migrate the databases, register the callers' keys, make the demo accounts."""
    stale = [name for name in SERVICES if not _is_set_up(platform, name)]
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(lambda service: _set_up(platform, service), stale))


def register_callers(platform: Platform, callees: Iterable[str] = SERVICES) -> None:
    """Let *callees* accept, from now on, the keys in their files of callers."""

    def register(callee: str) -> None:
        path = platform.var / callee / CALLERS_FILE
        manage(platform, callee, "internal_keys", "register", "--from-file", str(path))

    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(register, callees))


def manage(platform: Platform, service: str, *arguments: str) -> str:
    """Run a management command of *service*; return what it prints."""
    return run_module(
        platform,
        [f"{service}_project.manage", *arguments],
        platform.service_environment(service),
        f"`manage.py {' '.join(arguments[:2])}` of {service} failed",
    )


def render_gateway(platform: Platform) -> None:
    """Write the nginx configuration for the ports of *platform*."""
    private_folder(platform.gateway_config.parent)
    run_module(
        platform,
        ["gateway.render", "--output", str(platform.gateway_config)],
        dict(platform.environment),
        "The gateway's configuration could not be written",
    )


def run_module(
    platform: Platform, arguments: list[str], environment: dict[str, str], refusal: str
) -> str:
    """Run a module of this repository; return what it prints, or say *refusal*."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=platform.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        log = platform.log / f"{arguments[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stderr)
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise OpsError(f"{refusal}: {reason} (more in {log}).")
    return done.stdout


def _set_up(platform: Platform, service: str) -> None:
    # Taken before: a migration written meanwhile is then seen next time.
    stamp = _fingerprint(platform, service)
    printed = run_module(
        platform,
        ["ops.service_setup", str(platform.var / service / CALLERS_FILE)],
        platform.service_environment(service),
        f"The {service} service could not be set up",
    )
    if printed.strip():
        write_private(platform.var / service / DEMO_ACCOUNTS_FILE, printed)
    inputs_and_database = {"inputs": stamp, "database": _database(platform, service)}
    path = platform.var / service / STAMP_FILE
    path.write_text(json.dumps(inputs_and_database))


def _is_set_up(platform: Platform, service: str) -> bool:
    """Was *service* set up from the same files, into the database that is there now?

    Another server's database may be emptied without a trace here: ask it every time.
    """
    database = _database(platform, service)
    stamp = platform.var / service / STAMP_FILE
    if database is None or not stamp.is_file():
        return False
    return json.loads(stamp.read_text()) == {
        "inputs": _fingerprint(platform, service),
        "database": database,
    }


def _database(platform: Platform, service: str) -> int | None:
    """Return what tells this SQLite file from one made later; None without a file."""
    environ = platform.environment
    if environ.get(f"{service.upper()}_DATABASE_URL") or environ.get("DATABASE_URL"):
        return None
    path = platform.var / service / "db.sqlite3"
    return path.stat().st_ino if path.is_file() else None


def _fingerprint(platform: Platform, service: str) -> str:
    digest = hashlib.sha256()
    for path in _inputs(platform, service):
        digest.update(str(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _inputs(platform: Platform, service: str) -> Iterator[Path]:
    root = platform.root
    yield root / "requirements" / "runtime.txt"  # the migrations of Django's own apps
    yield root / "shared" / "settings.py"
    yield root / f"{service}_project" / "settings.py"
    yield platform.var / service / CALLERS_FILE
    for project in ("shared", f"{service}_project"):
        yield from sorted((root / project).glob("**/migrations/*.py"))
        yield from sorted((root / project).glob("**/management/commands/*.py"))
    yield from _files_below(root / f"{service}_project" / "content")


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("**/*") if path.is_file())
