"""Endpoints and short ways to call them, for the tests of the client."""

from shared.client import pipeline
from shared.client.discovery import directory
from shared.peers.policy import Policy
from shared.wire.endpoints import Endpoint
from shared.wire.structs import Contract


class Ask(Contract, frozen=True):
    """A question."""

    name: str = "an"


class Told(Contract, frozen=True):
    """An answer."""

    success: bool
    message: str = ""


def make_endpoint(method="GET", *, is_keyed=False, peer="user"):
    """Return an endpoint that no service knows."""
    return Endpoint(
        peer=peer,
        method=method,
        template=f"/api/v1/{peer}/internal/ask",
        request=Ask,
        returns=Told,
        callers=frozenset({"course"}),
        is_keyed=is_keyed,
    )


READ = make_endpoint()
KEYED_WRITE = make_endpoint("POST", is_keyed=True)
UNKEYED_WRITE = make_endpoint("POST")

QUICK = {
    "connect_timeout_seconds": 0.3,
    "attempt_timeout_seconds": 0.4,
    "total_timeout_seconds": 5.0,
}


def use_policy(name="user", **changes):
    """Give a peer a quick policy with *changes*, and return its state."""
    peer = directory.peer(name)
    urls = tuple(instance.url for instance in peer.instances)
    peer.use(Policy(**QUICK | changes), urls)
    return peer


def ask(endpoint=READ, **options):
    """Call *endpoint*, without a look at the database."""
    return pipeline.call_from_thread(endpoint, Ask(), **options)
