"""Which services this platform has and where they answer: the one list of them."""

from itertools import count
from types import MappingProxyType

NAME = "IELTS"
# In the order of their ports.
SERVICES = ("auth", "user", "course", "exercise", "notification")
FIRST_PORT = 8081
# The services with a process for streams, and its port, which no service gets.
STREAM_PORTS = MappingProxyType({"notification": 8086})
# The service that signs people in. Where it is not among SERVICES, each service has
# accounts of its own: Django's.
ACCOUNTS = "auth"
# Who, beside admins, may enter a service's admin; they see their own rows there.
AUTHORS = {"course": {"instructor"}, "exercise": {"instructor"}}


def staff_roles(service: str) -> set[str]:
    """Return the roles that may enter the admin of *service*."""
    return {"admin", *AUTHORS.get(service, ())}


def default_ports() -> dict[str, int]:
    """Return the port of each service's web process, where nothing says another."""
    free = (port for port in count(FIRST_PORT) if port not in STREAM_PORTS.values())
    return dict(zip(SERVICES, free, strict=False))
