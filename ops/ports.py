"""Are the ports of a platform free."""

import socket

from .errors import PortTakenError
from .platform import Platform


def require_free_ports(platform: Platform) -> None:
    """Refuse when something listens on a port of *platform*, naming what to change."""
    seen: dict[int, str] = {}
    for variable, port in platform.ports.items():
        if port in seen:
            raise PortTakenError(
                f"{variable} and {seen[port]} are both {port}: give each its own port."
            )
        seen[port] = variable
    taken = [
        (variable, port)
        for variable, port in platform.ports.items()
        if not is_free(port)
    ]
    if taken:
        named = ", ".join(f"{port} ({variable})" for variable, port in taken)
        noun = "Port" if len(taken) == 1 else "Ports"
        verb = "is" if len(taken) == 1 else "are"
        variable, port = taken[0]
        example = port + 1000 if port + 1000 <= 65535 else port - 1000
        raise PortTakenError(
            f"{noun} {named} {verb} already in use: stop what listens there, or set "
            f"another, for example {variable}={example}."
        )


def is_free(port: int) -> bool:
    """Can *port* be listened on, at every address of this machine?"""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        # As the servers do: a connection in TIME_WAIT does not make a port taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
            listener.listen(1)
        except OSError:
            return False
    return True
