"""A thousand people who wait for news, and what that costs the others."""

import asyncio
import resource
import statistics
import time

import pytest

from shared.testing.fleet import Fleet
from tests.asking import ask
from tests.conftest import ENVIRONMENT
from tests.people import register
from tests.streams import Crowd, send_notice, threads_and_megabytes

PROGRAMS = ["auth-web", "notification-web", "notification-stream", "gateway"]
PEOPLE, STREAMS_EACH = 10, 100
MOST_THREADS = 12
MOST_MEGABYTES = 250
REQUESTS = 200
# docs/reference/streams.md: what the streams may do to the median of the API, with a
# reader of theirs on the same machine.
MOST_SLOWER = 2.0


@pytest.mark.long
def test_a_thousand_streams_do_not_slow_the_api():
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    environment = ENVIRONMENT | {"STREAMS_PER_PERSON": str(STREAMS_EACH)}
    with Fleet(PROGRAMS, environment=environment) as fleet:
        people = [register(fleet) for _ in range(PEOPLE)]
        alone = median_seconds(fleet, people[0].access_token)

        figures = asyncio.run(_with_streams(fleet, people))

    print(f"\nmedian alone {alone * 1000:.2f} ms;", figures)  # noqa: T201 - for the page
    assert figures["threads"] <= MOST_THREADS
    assert figures["megabytes"] <= MOST_MEGABYTES
    assert figures["median"] <= MOST_SLOWER * alone


async def _with_streams(fleet, people):
    crowd = Crowd(fleet.stream_url("notification"))
    for person in people:
        await crowd.join([person.access_token] * STREAMS_EACH)
    assert len(crowd.seen) == PEOPLE * STREAMS_EACH
    median = await asyncio.to_thread(median_seconds, fleet, people[0].access_token)
    threads, megabytes = threads_and_megabytes(fleet)
    for person in people:
        await asyncio.to_thread(send_notice, fleet, person.id, "To all")
    await crowd.wait_until(lambda seen: titles(seen) == ["To all"])
    await crowd.leave()
    return {"median": median, "threads": threads, "megabytes": megabytes}


def titles(events):
    return [item.data["title"] for item in events if item.name == "notice"]


def median_seconds(fleet, token):
    """Return the median time of a small request to the API of notification."""
    times = []
    for _ in range(REQUESTS):
        began = time.monotonic()
        answer = ask(
            "GET",
            f"{fleet.url('notification')}/api/v1/notifications/unread-count",
            token=token,
        )
        times.append(time.monotonic() - began)
        assert answer.status_code == 200
    return statistics.median(times)
