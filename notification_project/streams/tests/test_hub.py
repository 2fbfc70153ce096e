"""The streams of a process while its database is away."""

import asyncio
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from notification_project.streams import hub
from notification_project.streams.admission import Admission
from notification_project.streams.hub import Beginning, Hub
from notification_project.streams.tests.notices import make_notice, without_connections
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


def admission(user_id, **lasts):
    return Admission(
        user_id=user_id,
        session_id=None,
        token_issued_at=timezone.now(),
        ends_at=timezone.now() + timedelta(**(lasts or {"minutes": 15})),
    )


def database_that_is_away(times):
    """Return what asks the database, and finds it away so often at first."""
    failures = iter(range(times))

    async def in_thread(function):
        if next(failures, None) is not None:
            raise OperationalError("away")
        return await asyncio.to_thread(without_connections(function))

    return in_thread


async def first_chunks(streams):
    """Start streams; return the first that each has to send, None when it is over."""
    for stream in streams:
        stream.start(Beginning(position=0, unread_count=0, events=b""))
    return [
        await anext((chunk async for chunk in stream.chunks()), None)
        for stream in streams
    ]


def test_news_come_when_the_database_is_back(monkeypatch, caplog):
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.01)
    user_id = uuid7()
    make_notice(user_id, "waiting")

    async def story():
        of_process = Hub(database_that_is_away(3))
        runner = asyncio.create_task(of_process.run())
        stream = of_process.open(admission(user_id))
        async with asyncio.timeout(10):
            [chunk] = await first_chunks([stream])
        of_process.close(stream)
        runner.cancel()
        return chunk

    chunk = asyncio.run(story())

    assert b'"title":"waiting"' in chunk
    assert [record.message for record in caplog.records] == ["streams see no news"]


def test_a_stream_ends_in_time_although_the_database_is_away(monkeypatch):
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.01)

    async def story():
        of_process = Hub(database_that_is_away(10**6))
        runner = asyncio.create_task(of_process.run())
        stream = of_process.open(admission(uuid7(), milliseconds=50))
        async with asyncio.timeout(10):
            chunks = await first_chunks([stream])
        of_process.close(stream)
        runner.cancel()
        return chunks, stream.end_reason

    assert asyncio.run(story()) == ([None], "expired")
