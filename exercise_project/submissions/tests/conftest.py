"""Fixtures of submissions."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from exercise_project.submissions.models import TaughtCourse
from shared.wire.events import EVENTS
from shared.wire.ids import uuid7


@pytest.fixture
def listened_to(monkeypatch):
    """Give this service's events a subscriber, so that the outbox shows them."""
    for name, event_type in list(EVENTS.items()):
        if event_type.publisher == "exercise":
            heard = replace(event_type, subscribers=frozenset({"notification"}))
            monkeypatch.setitem(EVENTS, name, heard)


@pytest.fixture
def person(client_for):
    """Give a function that makes somebody with an ``id`` and a ``client``."""

    def make(role="student"):
        id_ = uuid7()
        return SimpleNamespace(id=id_, role=role, client=client_for(id_, role=role))

    return make


@pytest.fixture
def ana(person):
    """Give a learner."""
    return person()


@pytest.fixture
def teacher(person):
    """Give an instructor."""
    return person("instructor")


@pytest.fixture
def course(db, teacher):
    """Give a course of the instructor."""
    return TaughtCourse.objects.create(
        course_id=uuid7(),
        instructor_id=teacher.id,
        title="Writing task 2",
        published_at=datetime(2026, 3, 10, tzinfo=UTC),
    )
