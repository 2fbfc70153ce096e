"""Real platforms for the tests that need more than one service."""

from collections.abc import Iterator

import pytest

from shared.testing.fleet import Fleet


@pytest.fixture(scope="session")
def fleet() -> Iterator[Fleet]:
    """The whole platform on SQLite; a test that stops a program starts it again."""
    with Fleet() as fleet:
        yield fleet
