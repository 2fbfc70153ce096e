"""Gateways for the tests of this folder."""

import pytest

from tests.security.running_gateway import running_gateway


@pytest.fixture(scope="session")
def session_gateway(tmp_path_factory):
    with running_gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def gateway(session_gateway):
    """A gateway in front of one instance of each service; nothing is seen yet."""
    session_gateway.forget()
    return session_gateway


@pytest.fixture
def start_gateway(tmp_path):
    """Start a gateway of one's own: other limits, other times, more instances."""
    opened = []

    def start(**options):
        context = running_gateway(tmp_path, **options)
        opened.append(context)
        return context.__enter__()

    yield start
    for context in opened:
        context.__exit__(None, None, None)
