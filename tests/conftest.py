"""Real platforms for the tests that need more than one service."""

import signal
from collections.abc import Iterator

import pytest

from shared.testing.fleet import Fleet

ENVIRONMENT = {
    "LOG_FORMAT": "json",
    "GATEWAY_RATE": "10000",
    "GATEWAY_BURST": "10000",
    "AUTH_ADDRESS_RATE": "100000",
}


def pytest_configure() -> None:
    """Let a TERM end the tests as Ctrl-C does: their platforms end with them."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def session_fleet() -> Iterator[Fleet]:
    """The whole platform on SQLite, for all tests.

    The gateway counts every test as one client: its limits have tests of their own.
    """
    with Fleet(environment=ENVIRONMENT) as fleet:
        yield fleet


@pytest.fixture
def fleet(session_fleet: Fleet) -> Iterator[Fleet]:
    """The whole platform, every program running; whole again after the test."""
    yield session_fleet
    session_fleet.mend()
