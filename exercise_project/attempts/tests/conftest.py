"""Fixtures of attempts."""

from dataclasses import replace

import pytest

from shared.wire.events import EVENTS


@pytest.fixture
def listened_to(monkeypatch):
    """Give this service's events a subscriber, so that the outbox shows them."""
    for name, event_type in list(EVENTS.items()):
        if event_type.publisher == "exercise":
            heard = replace(event_type, subscribers=frozenset({"notification"}))
            monkeypatch.setitem(EVENTS, name, heard)
