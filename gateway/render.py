"""Fills in the nginx configuration of the gateway from the environment.

``python -m gateway.render --output PATH`` writes it, ready for ``nginx -c PATH``.
"""

import argparse
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from shared.topology import STREAM_PORTS, default_ports

FOLDER = Path(__file__).resolve().parent
TEMPLATE = FOLDER / "nginx.conf.template"
DEFAULTS = {
    "GATEWAY_LISTEN": "127.0.0.1",
    "GATEWAY_PORT": "8080",
    "GATEWAY_RATE": "100",
    "GATEWAY_BURST": "200",
    "AUTH_ADDRESS_RATE": "60",
    "GATEWAY_CONF": str(FOLDER),
}
SERVICE_PORTS = {
    **{name.upper(): str(port) for name, port in default_ports().items()},
    **{f"{name.upper()}_STREAM": str(port) for name, port in STREAM_PORTS.items()},
}

_PLACEHOLDER = re.compile(r"\$\{([A-Z_]+)\}")
_ADDRESS = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]")
_NUMBER = re.compile(r"[1-9]\d{0,6}")
# Not in a path: what nginx reads as the end of a string, a variable or a pattern.
_PATH = re.compile(r"[^\"'$\\;{}*?\[\]\x00-\x1f]+")
_FORMS = {
    "GATEWAY_LISTEN": (_HOST, "an address without a port"),
    "GATEWAY_PORT": (_NUMBER, "a port number"),
    "GATEWAY_RATE": (_NUMBER, "a whole number of requests per second"),
    "GATEWAY_BURST": (_NUMBER, "a whole number of requests"),
    "AUTH_ADDRESS_RATE": (_NUMBER, "a whole number of requests per minute"),
    "GATEWAY_CONF": (_PATH, "a folder without quotes, $ or wildcards"),
    "GATEWAY_VAR": (_PATH, "a folder without quotes, $ or wildcards"),
    "GATEWAY_ACCESS_LOG": (_PATH, "a file without quotes, $ or wildcards"),
}


class GatewaySettingError(ValueError):
    """A variable of the gateway has a value that nginx cannot use."""


def render(environment: Mapping[str, str]) -> str:
    """Return the configuration for *environment*; a pure function.

    An unset or empty variable takes its default. An upstream may list several
    addresses, separated by commas or spaces.
    """
    values = _values(environment)
    upstreams = {
        f"{service}_UPSTREAM": _addresses(service, environment)
        for service in SERVICE_PORTS
    }
    lines = []
    for line in TEMPLATE.read_text().splitlines():
        names = [] if _is_comment(line) else _PLACEHOLDER.findall(line)
        listed = next((name for name in names if name in upstreams), None)
        if listed:
            lines += [
                line.replace(f"${{{listed}}}", address) for address in upstreams[listed]
            ]
            continue
        for name in names:
            line = line.replace(f"${{{name}}}", values[name])
        lines.append(line)
    return "\n".join(lines) + "\n"


def working_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for the pid, the logs and the temporary files."""
    platform_var = environment.get("PLATFORM_VAR") or FOLDER.parent / "var"
    return Path(environment.get("GATEWAY_VAR") or f"{platform_var}/gateway").absolute()


def _values(environment: Mapping[str, str]) -> dict[str, str]:
    values = {
        name: environment.get(name) or default for name, default in DEFAULTS.items()
    }
    values["GATEWAY_VAR"] = str(working_folder(environment))
    values["GATEWAY_ACCESS_LOG"] = (
        environment.get("GATEWAY_ACCESS_LOG") or f"{values['GATEWAY_VAR']}/access.log"
    )
    for name, (form, description) in _FORMS.items():
        if not form.fullmatch(values[name]):
            raise GatewaySettingError(f"{name} is not {description}: {values[name]!r}")
    return values


def _addresses(service: str, environment: Mapping[str, str]) -> list[str]:
    name = f"{service}_UPSTREAM"
    port = environment.get(f"{service}_PORT") or SERVICE_PORTS[service]
    listed = environment.get(name) or f"127.0.0.1:{port}"
    addresses = listed.replace(",", " ").split()
    for address in addresses:
        if not _ADDRESS.fullmatch(address):
            raise GatewaySettingError(f"{name} is not a list of host:port: {address!r}")
    if not addresses:
        raise GatewaySettingError(f"{name} names no address: {listed!r}")
    return addresses


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def main(arguments: list[str] | None = None) -> None:
    """Write the configuration, and make the folder that nginx works in."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", required=True, type=Path, metavar="PATH")
    output = parser.parse_args(arguments).output
    environment = os.environ  # noqa: TID251 - the gateway has no settings.py
    try:
        text = render(environment)
        working_folder(environment).mkdir(parents=True, exist_ok=True)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text)
    except (GatewaySettingError, OSError) as error:
        sys.exit(f"gateway: {error}")


if __name__ == "__main__":
    main()
