"""kill -9 of the processes of a registration, at random and between two steps."""

import random
import threading
from contextlib import contextmanager

import pytest
import requests

from tests.faults.crashes import Victim, has_unread_request
from tests.people import new_email, register, try_to_register
from tests.records import (
    accounts,
    once_each,
    profiles_made_by_auth,
    readers,
    undelivered,
    welcomes,
)
from tests.waiting import wait_for

RECOVERY_SECONDS = 2 * 10
# What a killed relay had in hand waits for the end of its lease.
LEASE_SECONDS = 2 * 30
PROGRAMS = ["auth-web", "auth-worker", "user-web"]


@pytest.mark.parametrize("seed", [7])
def test_no_crash_loses_or_doubles_a_registration(fleet, seed):
    _crash_at_random(fleet, kills=12, seed=seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [11])
def test_a_hundred_crashes_lose_and_double_nothing(fleet, seed):
    _crash_at_random(fleet, kills=100, seed=seed)


def _crash_at_random(fleet, *, kills, seed):
    chance = random.Random(seed)
    victims = {program: Victim(fleet, program) for program in PROGRAMS}
    order = [PROGRAMS[i % len(PROGRAMS)] for i in range(kills)]
    chance.shuffle(order)

    with registering(fleet) as clients:
        for program in order:
            victims[program].kill_after(chance.randint(1, 6))
    fleet.wait_until_ready()

    assert sum(victim.kills for victim in victims.values()) == kills
    known = accounts(fleet)
    ids = [known[email] for email in clients.emails if email in known]
    # Who was answered 201 has an account; others may have one too.
    assert set(clients.registered) <= set(ids)
    assert len(clients.registered) >= kills
    wait_for(lambda: not undelivered(fleet), LEASE_SECONDS, "nothing left to deliver")
    assert profiles_made_by_auth(fleet, ids) == once_each(ids)
    assert welcomes(fleet, ids) == once_each(ids)
    assert readers(fleet, ids) == once_each(ids)


class Clients:
    """People who register one after another, whatever happens to the platform."""

    def __init__(self, fleet):
        self.emails = []
        self.registered = []
        self._fleet = fleet
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.is_set():
            email = new_email()
            self.emails.append(email)
            try:
                response = try_to_register(self._fleet, email=email)
            except requests.RequestException:
                continue
            if response.status_code == 201:
                self.registered.append(response.json()["user"]["id"])
            else:
                # auth is starting: the gateway says so at once.
                self._over.wait(0.1)


@contextmanager
def registering(fleet):
    clients = Clients(fleet)
    try:
        yield clients
    finally:
        clients.close()


@pytest.mark.parametrize("program", ["auth-worker", "auth-web"])
def test_what_was_committed_is_delivered_after_a_crash(fleet, program):
    """Between commit and delivery: the rows wait for a peer that is away."""
    victim = Victim(fleet, program)
    register(fleet)
    wait_for(lambda: not undelivered(fleet), RECOVERY_SECONDS, "all delivered")
    fleet.stop("user-web")
    people = [register(fleet) for _ in range(5)]
    ids = [person.id for person in people]
    # Nothing is in flight: the row of a killed relay's lane would wait for the lease.
    wait_for(
        lambda: {row[1] for row in undelivered(fleet)} == {"user"},
        RECOVERY_SECONDS,
        "all but user-service served",
    )
    assert not profiles_made_by_auth(fleet, ids)

    victim.kill_after(1)
    fleet.start("user-web")
    fleet.wait_until_ready()

    wait_for(lambda: not undelivered(fleet), LEASE_SECONDS, "nothing left to deliver")
    assert profiles_made_by_auth(fleet, ids) == once_each(ids)
    assert welcomes(fleet, ids) == once_each(ids)


def test_a_receiver_killed_over_a_delivery_gets_it_again(fleet):
    """The relay cannot know whether the killed peer had acted; the inbox does."""
    victim = Victim(fleet, "user-web")
    register(fleet)
    wait_for(lambda: not undelivered(fleet), RECOVERY_SECONDS, "all delivered")
    fleet.freeze("user-web")
    people = [register(fleet) for _ in range(5)]
    ids = [person.id for person in people]
    wait_for(
        lambda: has_unread_request(fleet, "user"),
        RECOVERY_SECONDS,
        "a delivery on its way",
    )

    victim.kill_after(1)
    fleet.mend()

    wait_for(
        lambda: not undelivered(fleet), RECOVERY_SECONDS, "nothing left to deliver"
    )
    assert profiles_made_by_auth(fleet, ids) == once_each(ids)
