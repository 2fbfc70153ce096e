"""Streams, at their door: the application as gunicorn calls it, and its threads."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from notification_project.notices.models import Notice, Reader
from notification_project.notices.services import delete_notice, mark_all_read
from notification_project.streams import hub, services
from notification_project.streams.asgi import PATH
from notification_project.streams.models import Ticket
from notification_project.streams.tests.asking import running_process
from notification_project.streams.tests.notices import (
    make_notice,
    make_notices,
    without_connections,
)
from shared.server.revocation import revoke_session, revoke_user
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(hub, "TICK_SECONDS", 0.01)


def play(story):
    """Run a coroutine function that is given the running process."""

    async def run():
        async with running_process() as process:
            await story(process)

    asyncio.run(run())


async def meanwhile(function, *arguments):
    """Do something as another process would: in a thread, committed."""
    return await asyncio.to_thread(without_connections(function), *arguments)


def ticket_of(user_id, **fields):
    values = {"session_id": None, "token_issued_at": timezone.now(), **fields}
    return services.issue_ticket(user_id=user_id, **values)


def test_a_stream_begins_with_the_count_and_goes_on_with_what_is_new(token_for):
    user_id = uuid7()
    make_notice(user_id, "old")

    async def story(process):
        client = await process.open(token_for(user_id)).begun()
        assert (client.titles, client.counts) == ([], [1])

        await meanwhile(make_notices, user_id, "one", "two")
        await meanwhile(make_notice, uuid7(), "of somebody else")
        await client.until(lambda: (len(client.titles), client.counts[-1]) == (2, 3))

        assert client.titles == ["one", "two"]
        assert client.status == 200
        assert client.headers["content-type"] == "text/event-stream"
        assert client.headers["cache-control"] == "no-store"
        assert len(client.headers["x-trace-id"]) == 32
        assert client.body.startswith(b"retry: 3000\n\n")

    play(story)


def test_a_notice_is_what_the_list_shows_in_the_readers_language(token_for, client_for):
    user_id = uuid7()
    Reader.objects.create(user_id=user_id, locale="vi")

    async def story(process):
        client = await process.open(token_for(user_id)).begun()
        await meanwhile(
            lambda: Notice.objects.create(
                user_id=user_id,
                type="system",
                template="welcome",
                params={"name": "Ana\n\ndata: x"},
                action_kind="url",
                action_target="/courses",
            )
        )
        await client.until(lambda: client.titles)
        told.extend(item for item in client.events if item[0] == "notice")

    told = []
    play(story)

    [(_, data, position)] = told
    assert data["title"] == "Chào mừng bạn đến với nền tảng IELTS"
    assert [data] == client_for(user_id).get("/api/v1/notifications").json()["results"]
    assert position == str(Notice.objects.get().position)


@pytest.mark.parametrize("way", ["header", "parameter"])
def test_who_comes_again_gets_exactly_what_was_missed(token_for, way):
    user_id = uuid7()

    async def story(process):
        client = await process.open(token_for(user_id)).begun()
        await meanwhile(make_notice, user_id, "seen")
        await client.until(lambda: client.titles)
        await client.leave()
        await meanwhile(make_notices, user_id, "missed", "missed too")

        if way == "header":
            again = process.open(token_for(user_id), last_event_id=client.last_id)
        else:
            ticket = await meanwhile(ticket_of, user_id)
            again = process.open(ticket=ticket, last_event_id=client.last_id)
        await again.begun()
        await meanwhile(make_notice, user_id, "new")
        await again.until(lambda: "new" in again.titles)

        assert again.titles == ["missed", "missed too", "new"]

    play(story)


def test_who_missed_too_much_is_told_to_read_the_list(token_for, monkeypatch):
    monkeypatch.setattr(services, "MOST_REPLAYED", 2)
    user_id = uuid7()
    make_notices(user_id, *"abc")

    async def story(process):
        client = process.open(token_for(user_id), last_event_id="0")
        await client.begun()

        assert [name for name, _, _ in client.events] == [
            *("notice", "notice", "reset", "unread-count")
        ]
        assert client.titles == ["b", "c"]

    play(story)


def test_several_streams_of_a_person_are_each_told_once(token_for):
    user_id = uuid7()

    async def story(process):
        clients = [await process.open(token_for(user_id)).begun() for _ in range(3)]
        for title in "abc":
            await meanwhile(make_notice, user_id, title)
            late = await process.open(token_for(user_id)).begun()
            await late.leave()
        for client in clients:
            await client.until(lambda client=client: "c" in client.titles)

        assert [client.titles for client in clients] == [list("abc")] * 3

    play(story)


def test_the_count_follows_what_is_read_and_deleted_elsewhere(token_for, monkeypatch):
    monkeypatch.setattr(hub, "RECOUNT_SECONDS", 0)
    user_id = uuid7()
    notice, *_ = make_notices(user_id, "one", "two", "three")

    async def story(process):
        client = await process.open(token_for(user_id)).begun()
        await meanwhile(lambda: delete_notice(user_id=user_id, notice_id=notice.pk))
        await client.until(lambda: client.counts == [3, 2])
        await meanwhile(lambda: mark_all_read(user_id=user_id))
        await client.until(lambda: client.counts == [3, 2, 0])

    play(story)


def test_a_silent_stream_shows_that_it_lives(token_for, monkeypatch):
    monkeypatch.setattr(hub, "HEARTBEAT_SECONDS", 0.05)

    async def story(process):
        client = await process.open(token_for(uuid7())).begun()
        await client.until(lambda: client.body.count(b": heartbeat\n\n") == 2)

    play(story)


@pytest.mark.parametrize(
    ("query", "headers", "status", "code"),
    [
        ("", {}, 401, "not_authenticated"),
        ("", {"Authorization": "Basic YTpi"}, 401, "not_authenticated"),
        ("", {"Authorization": "Bearer"}, 401, "authentication_failed"),
        ("", {"Authorization": "Bearer nonsense"}, 401, "authentication_failed"),
        ("", {"Authorization": "Bearer \x80"}, 401, "authentication_failed"),
        ("ticket=", {}, 401, "not_authenticated"),
        ("ticket=nonsense", {}, 401, "ticket_not_valid"),
        ("ticket=%00", {}, 401, "ticket_not_valid"),
        ("ticket=a&ticket=b", {}, 400, "unknown_parameter"),
        ("colour=red", {}, 400, "unknown_parameter"),
        ("ticket=a", {"Authorization": "Bearer a"}, 400, "two_credentials"),
        ("last_event_id=x", {}, 400, "invalid_last_event_id"),
        ("last_event_id=-1", {}, 400, "invalid_last_event_id"),
        ("last_event_id=%D9%A3", {}, 400, "invalid_last_event_id"),
        ("last_event_id=9999999999999999999", {}, 400, "invalid_last_event_id"),
        ("", {"Last-Event-ID": "1e3"}, 400, "invalid_last_event_id"),
    ],
)
def test_a_request_that_opens_nothing_is_a_problem(
    token_for, query, headers, status, code
):
    async def story(process):
        client = process.ask(PATH, query=query, headers=headers)
        await client.answered()

        assert client.status == status
        assert client.headers["content-type"] == "application/problem+json"
        document = json.loads(client.body)
        assert document["code"] == code
        assert document["trace_id"] == client.headers["x-trace-id"]
        assert ("www-authenticate" in client.headers) is (status == 401)

    play(story)


def test_a_ticket_opens_one_stream_of_its_person_only():
    ana, ben = uuid7(), uuid7()
    ticket = ticket_of(ana)

    async def story(process):
        client = await process.open(ticket=ticket).begun()
        again = await process.open(ticket=ticket).answered()
        await meanwhile(make_notice, ben, "of Ben")
        await meanwhile(make_notice, ana, "of Ana")
        await client.until(lambda: client.titles)

        assert client.titles == ["of Ana"]
        assert json.loads(again.body)["code"] == "ticket_not_valid"

    play(story)


def test_a_ticket_that_was_not_used_in_time_is_refused():
    ticket = ticket_of(uuid7())
    Ticket.objects.update(expires_at=timezone.now())

    async def story(process):
        refused = await process.open(ticket=ticket).answered()

        assert refused.status == 401

    play(story)


@pytest.mark.parametrize("what", ["session", "user"])
@pytest.mark.parametrize("by", ["token", "ticket"])
def test_a_stream_ends_when_access_does(token_for, what, by):
    user_id, sid = uuid7(), uuid7()
    issued = timezone.now() - timedelta(seconds=5)

    def revoke():
        if what == "session":
            revoke_session(sid, reason="test")
        else:
            revoke_user(user_id, reason="test")

    async def story(process):
        token = token_for(user_id, sid=sid, iat=issued)
        ticket = await meanwhile(
            lambda: ticket_of(user_id, session_id=sid, token_issued_at=issued)
        )
        other = await meanwhile(
            lambda: ticket_of(user_id, session_id=sid, token_issued_at=issued)
        )
        client = process.open(token) if by == "token" else process.open(ticket=ticket)
        await client.begun()
        await meanwhile(revoke)

        await client.answered()
        again = process.open(token) if by == "token" else process.open(ticket=other)
        await again.answered()

        assert client.messages[-1] == {"type": "http.response.body", "body": b""}
        assert json.loads(again.body)["code"] == "token_revoked"

    play(story)


def test_a_stream_ends_when_its_token_would_expire(token_for, settings):
    expires = datetime.now(UTC) - timedelta(seconds=settings.JWT_LEEWAY_SECONDS - 1)

    async def story(process):
        client = await process.open(token_for(uuid7(), exp=expires)).begun()
        await client.answered()

        assert client.status == 200

    play(story)


def test_a_person_has_five_streams_and_another_when_one_is_closed(token_for):
    user_id = uuid7()

    async def story(process):
        clients = [await process.open(token_for(user_id)).begun() for _ in range(5)]
        refused = await process.open(token_for(user_id)).answered()
        await process.open(token_for(uuid7())).begun()
        await clients[0].leave()
        await process.open(token_for(user_id)).begun()

        assert refused.status == 429
        assert refused.headers["retry-after"] == "5"
        assert json.loads(refused.body)["code"] == "too_many_streams"

    play(story)


def test_a_full_process_refuses_and_leaves_the_ticket_unused(token_for, settings):
    settings.STREAMS_PER_PROCESS = 1
    ticket = ticket_of(uuid7())

    async def story(process):
        client = await process.open(token_for(uuid7())).begun()
        refused = await process.open(ticket=ticket).answered()
        await client.leave()
        await process.open(ticket=ticket).begun()

        assert refused.status == 503
        assert refused.headers["retry-after"] == "5"
        assert json.loads(refused.body)["code"] == "no_room_for_streams"

    play(story)


def test_who_does_not_read_is_cut_off_and_holds_up_nobody(token_for, monkeypatch):
    monkeypatch.setattr(hub, "MOST_WAITING_BYTES", 1000)
    ana, ben = uuid7(), uuid7()

    async def story(process):
        idle = await process.open(token_for(ana)).begun()
        reading = await process.open(token_for(ana)).begun()
        other = await process.open(token_for(ben)).begun()
        idle.is_reading.clear()
        for title in "abcdefgh":
            await meanwhile(make_notice, ana, title)
            await reading.until(lambda title=title: title in reading.titles)
        await asyncio.gather(idle.task, return_exceptions=True)
        await meanwhile(make_notice, ben, "of Ben")
        await other.until(lambda: other.titles)

        assert idle.task.cancelled()
        assert reading.titles == list("abcdefgh")

    play(story)


def test_who_does_not_even_take_the_end_is_broken_off(token_for, monkeypatch):
    monkeypatch.setattr(hub, "END_SECONDS", 0.05)
    sid = uuid7()

    async def story(process):
        user_id = uuid7()
        client = await process.open(token_for(user_id, sid=sid)).begun()
        client.is_reading.clear()
        taken = len(client.messages)
        await meanwhile(make_notice, user_id)
        # The notice, or the count before it: what comes next waits for the reader.
        await client.until(lambda: len(client.messages) > taken)
        await meanwhile(lambda: revoke_session(sid, reason="test"))
        async with asyncio.timeout(10):
            await asyncio.gather(client.task, return_exceptions=True)

        assert client.task.cancelled()

    play(story)


def test_a_burst_of_notices_makes_no_reader_slow(token_for, monkeypatch):
    monkeypatch.setattr(hub, "MOST_WAITING_BYTES", 1000)
    user_id = uuid7()
    titles = [f"{number}" for number in range(30)]

    async def story(process):
        client = await process.open(token_for(user_id)).begun()
        await meanwhile(transaction.atomic(make_notices), user_id, *titles)
        await client.until(lambda: len(client.titles) == len(titles))

        assert client.titles == titles

    play(story)


def test_a_process_that_stops_ends_its_streams_and_opens_no_more(token_for):
    async def story(process):
        client = await process.open(token_for(uuid7())).begun()
        process.state["stop"]()
        await client.answered()
        refused = await process.open(token_for(uuid7())).answered()

        assert client.messages[-1] == {"type": "http.response.body", "body": b""}
        assert refused.status == 503

    play(story)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/health/ready", 200),
        ("HEAD", "/health/ready", 200),
        ("POST", "/health/ready", 405),
        ("GET", "/", 404),
        ("GET", "/api/v1/notifications", 404),
        ("POST", "/api/v1/notification/internal/send", 404),
        ("GET", "/admin/", 404),
        ("POST", PATH, 405),
        ("HEAD", PATH, 405),
    ],
)
def test_the_port_has_streams_and_what_watches_them(method, path, status):
    async def story(process):
        client = await process.ask(path, method=method).answered()

        assert client.status == status
        assert (client.body == b"") is (method == "HEAD")

    play(story)


def test_metrics_tell_of_streams(token_for):
    async def story(process):
        await process.open(token_for(uuid7())).begun()
        page = await process.ask("/metrics").answered()

        assert b"notification_streams_open 1.0" in page.body
        assert b'notification_stream_events_total{event="unread-count"}' in page.body

    play(story)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example", "https://a.example"),
        ("https://b.example", None),
    ],
)
def test_a_browser_may_read_from_the_origins_that_are_listed(
    token_for, settings, origin, allowed
):
    settings.CORS_ALLOWED_ORIGINS = ["https://a.example"]

    async def story(process):
        headers = {"Authorization": f"Bearer {token_for(uuid7())}", "Origin": origin}
        client = await process.ask(PATH, headers=headers).begun()

        assert client.headers.get("access-control-allow-origin") == allowed
        assert client.headers["vary"] == "origin"

    play(story)
