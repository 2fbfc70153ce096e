"""A relay by a clock that tests move, and a peer that says what they want."""

import gc

import pytest
from django.db import connection

from shared.outbox.relay import Relay

from .receiver import Now, Receiver


@pytest.fixture
def ended_threads():
    """Free the database connections of threads that end with the test."""
    yield
    gc.collect()
    if connection.vendor == "postgresql":
        # The pool waits for what ended threads had taken; the next test gets another.
        connection.close()
        connection.close_pool()


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def relay(now, receiver):
    """Give a relay whose back-off is always the longest."""
    return Relay(deliver=receiver, now=now, chance=lambda: 1.0)
