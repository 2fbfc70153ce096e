"""Registrations while a peer is stopped, hung or dripping, and after its return."""

import math
from contextlib import contextmanager

import pytest

from tests.asking import ask
from tests.internal_calls import DOORS, key_of, knock
from tests.journals import journal, journal_end
from tests.peers import dripping_peer
from tests.people import register
from tests.records import (
    once_each,
    profiles_made_by_auth,
    query,
    readers,
    undelivered,
    welcomes,
)
from tests.waiting import wait_for

# 500 ms, 10 s and 1 s are promised; machines are shared.
ANSWER_SECONDS = 2 * 0.5
RECOVERY_SECONDS = 2 * 10
SOON_SECONDS = 2 * 1
REGISTRATIONS = 40


@contextmanager
def stopped(fleet):
    fleet.stop("user-web")
    yield
    fleet.start("user-web")


@contextmanager
def hung(fleet):
    fleet.freeze("user-web")
    yield
    fleet.thaw("user-web")


@contextmanager
def dripping(fleet, part):
    fleet.stop("user-web")
    with dripping_peer(fleet.platform.ports["USER_PORT"], part=part) as peer:
        yield
        # Nothing is shown by a peer that nobody has asked.
        assert peer.asked
    fleet.start("user-web")


AWAY = {
    "stopped": stopped,
    "hung": hung,
    "dripping head": lambda fleet: dripping(fleet, "head"),
    "dripping body": lambda fleet: dripping(fleet, "body"),
}


@pytest.mark.parametrize("away", AWAY)
def test_registrations_do_not_wait_for_a_user_service_that_is_away(fleet, away):
    # The slowest of forty is a pause of the machine: 99 in 100 are asked of 300.
    _try_registrations(fleet, away, REGISTRATIONS, share=0.9)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("away", AWAY)
def test_three_hundred_registrations_do_not_wait_either(fleet, away):
    _try_registrations(fleet, away, 300, share=0.99)


def _try_registrations(fleet, away, count, *, share):
    register(fleet)  # a warm auth-service, before anything is timed

    with AWAY[away](fleet):
        people = [register(fleet) for _ in range(count)]
        ids = [person.id for person in people]
        # What goes to another peer is not held up by the one that is away.
        wait_for(
            lambda: welcomes(fleet, ids) == once_each(ids),
            RECOVERY_SECONDS,
            "the welcomes, while user-service is away",
        )
        assert not profiles_made_by_auth(fleet, ids)

    seconds = sorted(person.seconds for person in people)
    assert seconds[math.ceil(share * count) - 1] < ANSWER_SECONDS
    wait_for(
        lambda: profiles_made_by_auth(fleet, ids) == once_each(ids),
        RECOVERY_SECONDS,
        "a profile for everybody",
    )
    wait_for(
        lambda: not undelivered(fleet), RECOVERY_SECONDS, "nothing left to deliver"
    )
    assert profiles_made_by_auth(fleet, ids) == once_each(ids)
    assert welcomes(fleet, ids) == once_each(ids)


def test_a_hung_peer_costs_a_probe_not_an_attempt_per_message(fleet):
    """An outage is a deferral: nothing comes closer to being a dead letter."""
    fleet.freeze("user-web")

    people = [register(fleet) for _ in range(10)]
    wait_for(
        lambda: query(
            fleet,
            "auth",
            "SELECT name FROM outbox_destination WHERE name = 'user' AND state='away'",
        ),
        RECOVERY_SECONDS,
        "auth's relay sees that user-service is away",
    )
    rows = query(
        fleet,
        "auth",
        "SELECT attempts, state FROM outbox_outboxmessage "
        "WHERE destination = 'user' AND state != 'delivered'",
    )
    fleet.thaw("user-web")

    assert len(rows) >= 10
    assert {state for _, state in rows} == {"pending"}
    # One is in flight at most; its attempt is counted before it is sent.
    assert sum(attempts for attempts, _ in rows) <= 10
    ids = [person.id for person in people]
    wait_for(
        lambda: profiles_made_by_auth(fleet, ids) == once_each(ids),
        RECOVERY_SECONDS,
        "a profile for everybody",
    )


def test_only_notices_wait_for_notification_service(fleet):
    fleet.stop("notification-web")
    fleet.stop("notification-worker")

    people = [register(fleet) for _ in range(10)]
    ids = [person.id for person in people]
    wait_for(
        lambda: profiles_made_by_auth(fleet, ids) == once_each(ids),
        SOON_SECONDS,
        "the profiles, while notification-service is away",
    )
    profile = ask(
        "GET",
        f"{fleet.gateway_url}/api/v1/user/profile",
        token=people[0].access_token,
    )
    notices = ask(
        "GET",
        f"{fleet.gateway_url}/api/v1/notifications",
        token=people[0].access_token,
    )
    assert not welcomes(fleet, ids)
    fleet.start("notification-web")
    fleet.start("notification-worker")

    assert profile.status_code == 200
    assert notices.status_code == 502
    assert int(notices.headers["Retry-After"]) > 0
    assert sorted(person.seconds for person in people)[8] < ANSWER_SECONDS
    wait_for(
        lambda: (
            welcomes(fleet, ids) == once_each(ids)
            and readers(fleet, ids) == once_each(ids)
        ),
        RECOVERY_SECONDS,
        "the welcomes, later",
    )


def test_internal_calls_go_on_without_the_gateway(fleet):
    person = register(fleet)
    fleet.stop("user-web")
    waiting = register(fleet)
    fleet.stop("gateway")
    fleet.start("user-web")

    wait_for(
        lambda: profiles_made_by_auth(fleet, [waiting.id]) == once_each([waiting.id]),
        RECOVERY_SECONDS,
        "a profile, without a gateway",
    )
    direct = ask(
        "GET", f"{fleet.url('user')}/api/v1/user/profile", token=person.access_token
    )
    door = DOORS[0]
    internal = knock(fleet, door, key=key_of(fleet, door.caller, door.callee))

    assert direct.status_code == 200
    assert internal.status_code == 201


def test_a_killed_gateway_comes_back_and_loses_nothing(fleet):
    before = register(fleet)  # it has served
    killed = fleet.kill("gateway")
    wait_for(
        lambda: _pid_after(fleet, "gateway", killed), 20, "another gateway process"
    )
    fleet.wait_until_ready("gateway")

    after = register(fleet)

    ids = [before.id, after.id]
    wait_for(
        lambda: (
            profiles_made_by_auth(fleet, ids) == once_each(ids)
            and welcomes(fleet, ids) == once_each(ids)
        ),
        RECOVERY_SECONDS,
        "profile and welcome for both",
    )


def test_people_are_known_while_auth_is_away(fleet):
    """Services verify tokens by themselves, also when they start without auth."""
    person = register(fleet)
    own = {
        "user-web": f"{fleet.url('user')}/api/v1/user/profile",
        "notification-web": f"{fleet.url('notification')}/api/v1/notifications",
    }
    token = person.access_token
    assert {ask("GET", url, token=token).status_code for url in own.values()} == {200}
    fleet.stop("auth-web")
    fleet.stop("auth-worker")

    assert {ask("GET", url, token=token).status_code for url in own.values()} == {200}
    for program, url in own.items():
        start = journal_end(fleet, program)
        killed = fleet.kill(program)
        wait_for(
            lambda program=program, killed=killed: _pid_after(fleet, program, killed),
            20,
            f"another {program}",
        )
        fleet.wait_until_ready(program)
        assert ask("GET", url, token=token).status_code == 200
        assert ask("GET", url, token=f"{token}x").status_code == 401
        # The answer came from the new process, and auth was not there to be asked.
        wait_for(
            lambda program=program, start=start: (
                _statuses(fleet, program, start) == [200, 401]
            ),
            RECOVERY_SECONDS,
            "both answers in the log",
        )


def _statuses(fleet, program, start):
    """Return what *program* has answered, as far as its log has been written."""
    return [
        line["status"]
        for line in journal(fleet, program, start=start)
        if line["event"] == "request"
    ]


def _pid_after(fleet, program, killed):
    """Return the pid of the process that took the place of *killed*, if any."""
    try:
        pid = fleet.pid(program)
    except RuntimeError:
        return 0
    return pid if pid != killed else 0
