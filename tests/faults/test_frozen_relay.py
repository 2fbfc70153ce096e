"""A relay that sleeps past its lease, while another does its work."""

import subprocess
from contextlib import contextmanager

import pytest

from tests.faults.crashes import has_unread_request
from tests.journals import journal, journal_end
from tests.people import register
from tests.records import (
    execute,
    once_each,
    profiles_made_by_auth,
    query,
    undelivered,
    welcomes,
)
from tests.waiting import wait_for

LEASE_SECONDS = 30
SOON_SECONDS = 20


@pytest.mark.parametrize(
    "seconds",
    [0, pytest.param(LEASE_SECONDS, marks=[pytest.mark.long])],
    ids=["lease aged", "lease slept through"],
)
def test_a_relay_that_slept_past_its_lease_settles_nothing(fleet, seconds):
    register(fleet)
    wait_for(lambda: not undelivered(fleet), SOON_SECONDS, "all delivered")
    start = journal_end(fleet, "auth-worker")
    received = journal_end(fleet, "user-web")
    fleet.freeze("user-web")
    ana = register(fleet)
    wait_for(
        lambda: has_unread_request(fleet, "user"), SOON_SECONDS, "a call on its way"
    )
    fleet.freeze("auth-worker")
    [(token,)] = _leases(fleet)
    fleet.thaw("user-web")
    once = once_each([ana.id])
    wait_for(
        lambda: profiles_made_by_auth(fleet, [ana.id]) == once,
        SOON_SECONDS,
        "the profile, by the relay that sleeps",
    )
    assert undelivered(fleet)

    if not seconds:
        assert _age_leases(fleet)
    with second_relay(fleet):
        wait_for(
            lambda: not undelivered(fleet),
            seconds + SOON_SECONDS,
            "the other relay has delivered it again",
        )
        delivered = _row(fleet, ana)
        fleet.thaw("auth-worker")
        wait_for(
            lambda: any(
                line["event"] == "lease lost; nothing settled"
                for line in journal(fleet, "auth-worker", start=start)
            ),
            SOON_SECONDS,
            "the relay that slept finds another token",
        )

    assert _row(fleet, ana) == delivered
    assert _token_of_lane(fleet, ana) > token
    assert profiles_made_by_auth(fleet, [ana.id]) == once
    assert welcomes(fleet, [ana.id]) == once
    # Sent by both; the second time the inbox gave the stored answer.
    wait_for(
        lambda: len(_answers(fleet, ana, received)) >= 2,
        SOON_SECONDS,
        "both in the log",
    )
    assert set(_answers(fleet, ana, received)) == {201}


def _answers(fleet, person, start):
    return [
        line["status"]
        for line in journal(fleet, "user-web", start=start)
        if line.get("trace_id") == person.trace_id and line["event"] == "request"
    ]


def _leases(fleet):
    return query(
        fleet,
        "auth",
        "SELECT token FROM outbox_lane "
        "WHERE destination_id = 'user' AND leased_until IS NOT NULL",
    )


def _age_leases(fleet):
    # All of them: the relay may have slept in over other deliveries, too.
    return execute(
        fleet,
        "auth",
        "UPDATE outbox_lane SET leased_until = '2020-01-01 00:00:00' "
        "WHERE leased_until IS NOT NULL",
    )


def _row(fleet, person):
    [row] = query(
        fleet,
        "auth",
        "SELECT state, attempts, settled_at, last_outcome FROM outbox_outboxmessage "
        "WHERE destination = 'user' AND ordering_key = ?",
        person.id,
    )
    assert row[0] == "delivered"
    return row


def _token_of_lane(fleet, person):
    [(token,)] = query(
        fleet,
        "auth",
        "SELECT token FROM outbox_lane JOIN outbox_outboxmessage "
        "ON number = lane AND destination_id = destination "
        "WHERE destination = 'user' AND ordering_key = ?",
        person.id,
    )
    return token


@contextmanager
def second_relay(fleet):
    """Run another worker of auth beside the one that supervisord runs."""
    environment = fleet.platform.service_environment("auth")
    # The block of ports of a fleet is larger than what its programs use.
    port = max(fleet.platform.ports.values()) + 1
    process = subprocess.Popen(
        [environment["PLATFORM_PYTHON"], "auth_project/manage.py", "run_worker"],
        cwd=fleet.platform.root,
        env=environment | {"AUTH_WORKER_PORT": str(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(20) == 0
