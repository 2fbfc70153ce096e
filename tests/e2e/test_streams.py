"""Notices reach whoever is reading, at once, in order, and each once."""

import asyncio
import os
import signal
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.asking import ask, problem_of
from tests.people import register
from tests.streams import (
    PATH,
    Crowd,
    get_ticket,
    reading,
    send_notice,
    threads_and_megabytes,
)
from tests.waiting import wait_for

SOON_SECONDS = 2 * 2  # twice what is promised: machines that run tests are shared
END_SECONDS = 2 * 5
MOST_THREADS = 12


@pytest.fixture(scope="module")
def listener(session_fleet):
    return register(session_fleet)


def has_begun(reader):
    return reader.named("unread-count")


def unread_count(reader):
    return reader.named("unread-count")[-1].data["unread_count"]


def test_a_notice_arrives_through_the_gateway_as_the_list_shows_it(fleet, listener):
    with reading(fleet.gateway_url, listener.access_token) as reader:
        wait_for(lambda: has_begun(reader), 20, "the first event")
        before = unread_count(reader)

        send_notice(fleet, listener.id, "Now")
        wait_for(lambda: "Now" in reader.titles, SOON_SECONDS, "the notice")

        wait_for(lambda: unread_count(reader) > before, 20, "another count")

    listed = ask(
        "GET", f"{fleet.gateway_url}/api/v1/notifications", token=listener.access_token
    ).json()["results"]
    told = [item.data for item in reader.named("notice")]
    assert [item for item in told if item["title"] == "Now"] == [
        item for item in listed if item["title"] == "Now"
    ]


def test_who_comes_again_gets_exactly_what_was_missed(fleet, listener):
    with reading(fleet.gateway_url, listener.access_token) as reader:
        wait_for(lambda: has_begun(reader), 20, "the first event")
        send_notice(fleet, listener.id, "seen")
        wait_for(lambda: "seen" in reader.titles, 20, "the first notice")
        last_id = reader.last_id
    for number in range(3):
        send_notice(fleet, listener.id, f"missed {number}")

    ticket = get_ticket(fleet, listener.access_token)
    with reading(fleet.gateway_url, ticket=ticket, last_event_id=last_id) as again:
        wait_for(lambda: has_begun(again), 20, "the first event")
        send_notice(fleet, listener.id, "new")
        wait_for(lambda: "new" in again.titles, 20, "the new notice")

    assert again.titles == ["missed 0", "missed 1", "missed 2", "new"]


def test_a_ticket_opens_one_stream_and_is_in_no_log(fleet, listener):
    ticket = get_ticket(fleet, listener.access_token)

    with reading(fleet.gateway_url, ticket=ticket) as reader:
        wait_for(lambda: has_begun(reader), 20, "the first event")
        refused = ask("GET", f"{fleet.gateway_url}{PATH}?ticket={ticket}")

    assert problem_of(refused, 401)["code"] == "ticket_not_valid"
    logs = [path.read_text() for path in fleet.platform.var.glob("**/*.log")]
    assert any(PATH in text for text in logs)
    assert [text for text in logs if ticket in text] == []


def test_a_stream_ends_when_its_session_does(fleet):
    ben = register(fleet)
    with reading(fleet.gateway_url, ben.access_token) as reader:
        wait_for(lambda: has_begun(reader), 20, "the first event")
        ask(
            "POST",
            f"{fleet.gateway_url}/api/v1/auth/logout",
            json={"refresh_token": ben.refresh_token},
        )

        wait_for(reader.is_over.is_set, 2 * 60, "the end of the stream")


@pytest.mark.parametrize("how", ["restart", "stop", "kill"])
def test_who_is_cut_off_by_a_restart_loses_nothing(fleet, listener, how):
    with reading(fleet.stream_url("notification"), listener.access_token) as reader:
        wait_for(lambda: has_begun(reader), 20, "the first event")
        last_id = reader.last_id

        getattr(fleet, how)("notification-stream")
        wait_for(reader.is_over.is_set, END_SECONDS, "the end of the stream")
    send_notice(fleet, listener.id, f"during {how}")
    fleet.mend()

    with reading_again(fleet, listener, last_id) as again:
        wait_for(lambda: has_begun(again), 20, "the first event")

    assert again.titles == [f"during {how}"]
    # Told to end, the process ends its streams; they are not broken off.
    assert reader.is_whole is (how != "kill")


def test_sigterm_ends_the_process_although_streams_are_open(fleet, listener):
    pid = fleet.pid("notification-stream")
    with reading(fleet.stream_url("notification"), listener.access_token) as reader:
        wait_for(lambda: has_begun(reader), 20, "the first event")

        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not Path(f"/proc/{pid}").exists(), END_SECONDS, "its end")
        wait_for(reader.is_over.is_set, 20, "the end of the stream")

    assert reader.is_whole


@contextmanager
def reading_again(fleet, person, last_id):
    """Open a stream as a client does that was cut off: until it is let in."""
    with ExitStack() as exits:

        def come_again():
            with suppress(AssertionError):  # 502 or 503: nobody there yet
                return exits.enter_context(
                    reading(
                        fleet.gateway_url, person.access_token, last_event_id=last_id
                    )
                )

        yield wait_for(come_again, 20, "a stream")


def test_a_hundred_streams_share_a_few_threads_and_each_gets_its_notice(fleet):
    people = [register(fleet) for _ in range(20)]

    async def together():
        crowd = Crowd(fleet.stream_url("notification"))
        await crowd.join([person.access_token for person in people for _ in range(5)])
        threads, _ = threads_and_megabytes(fleet)
        for person in people:
            await asyncio.to_thread(send_notice, fleet, person.id, f"To {person.id}")
        await crowd.wait_until(own_titles)
        await crowd.leave()
        return threads, crowd.seen

    threads, seen = asyncio.run(together())

    assert len(seen) == 100
    assert threads <= MOST_THREADS
    told = [tuple(own_titles(events)) for events in seen]
    assert sorted(told) == sorted((f"To {one.id}",) for one in people for _ in range(5))


def own_titles(events):
    """Return the notices of a test; a welcome may be among the others."""
    titles = [item.data["title"] for item in events if item.name == "notice"]
    return [title for title in titles if title.startswith("To ")]
