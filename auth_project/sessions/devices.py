"""What a request tells about the device that it comes from."""

from dataclasses import dataclass

from django.http import HttpRequest

from shared.server.middleware import client_address

LONGEST_USER_AGENT = 300


@dataclass(frozen=True)
class Device:
    """The browser or app of a person, and the address that it comes from."""

    user_agent: str = ""
    address: str = ""


def device_of(request: HttpRequest) -> Device:
    """Return the device that *request* comes from, as far as it can be known."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    # A header can hold any byte; PostgreSQL refuses some of them.
    printable = "".join(character for character in agent if character.isprintable())
    return Device(printable[:LONGEST_USER_AGENT], client_address(request))
