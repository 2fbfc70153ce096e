"""Faults between two real processes: what a call says, what exists, what is left."""

import json
import subprocess
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.testing.fault_proxy import FaultProxy
from shared.testing.fleet import Fleet
from tests.asking import ask
from tests.people import PASSWORD, new_email
from tests.records import once_each, profiles_made_by_auth, query
from tests.waiting import wait_for

# A call has 2 s for all of its attempts; machines are shared.
CALL_SECONDS = 2 * 2
RECOVERY_SECONDS = 2 * 10
SENDERS_PER_DESTINATION = 4
# Relay, jobs, port, the request at the port, eight senders.
MOST_THREADS = 4 + 8

NO, YES, UNKNOWN = "no", "yes", "unknown"

# how the line fails · what the caller is told · may it have happened · it has
FAULTS = {
    "refused": (lambda p: p.down(), "PeerUnavailable", NO, 0),
    "silent": (lambda p: p.hangs(), "PeerUnavailable", UNKNOWN, 0),
    "reset before": (lambda p: p.resets(), "PeerUnavailable", UNKNOWN, 0),
    "reset after": (lambda p: p.resets_after(), "PeerUnavailable", UNKNOWN, 1),
    "cut": (lambda p: p.cuts_answers(), "PeerUnavailable", UNKNOWN, 1),
    "dripping head": (
        lambda p: p.drips_answers(0.2, part="head"),
        *("PeerUnavailable", UNKNOWN, 1),
    ),
    "dripping body": (
        lambda p: p.drips_answers(0.2, part="body"),
        *("PeerUnavailable", UNKNOWN, 1),
    ),
    "longer than it is": (
        lambda p: p.lies_about_length(10),
        *("PeerUnavailable", UNKNOWN, 1),
    ),
    "shorter than it is": (
        lambda p: p.lies_about_length(-3),
        *("ContractViolation", YES, 1),
    ),
    "endless": (lambda p: p.floods(), "ContractViolation", YES, 1),
    "too late": (lambda p: p.passes(after_seconds=4), "PeerUnavailable", UNKNOWN, 1),
    "slow": (lambda p: p.passes(after_seconds=0.3), None, YES, 1),
    "stale": (lambda p: p.goes_stale(), None, YES, 1),
}
# Any 2xx is a delivery, and a relay waits 2 s for it.
DELIVERED_ANYWAY = {"shorter than it is", "endless", "slow", "stale"}
OUTCOMES = {"refused": "refused"}
# One of each kind in every run: nothing sent, nothing said, acted and not told.
QUICK = {"refused", "silent", "reset after", "dripping body", "endless"}


@pytest.fixture(scope="module")
def proxy():
    with FaultProxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def spoiled_fleet(proxy):
    """Give auth-service and user-service with the proxy on every way to the latter."""
    programs = ["auth-web", "auth-worker", "user-web"]
    environment = {"USER_SERVICE_URL": proxy.url, "LOG_FORMAT": "json"}
    with Fleet(programs, environment=environment) as fleet:
        proxy.upstream_port = fleet.platform.ports["USER_PORT"]
        # The breaker has tests of its own; here every call must go out.
        fleet.manage("course", "shell", "-v0", "-c", _WITHOUT_BREAKER)
        # What the demo accounts have under way would come in the midst of a fault.
        wait_for(
            lambda: not _pending_to_user(fleet),
            RECOVERY_SECONDS,
            "the profiles of the demo accounts",
        )
        proxy.closes_idle()
        yield fleet


_WITHOUT_BREAKER = """
from shared.peers.models import PeerService
PeerService.objects.create(
    name="user", breaker_mode="disabled", breaker_reason="every call must go out"
)
"""


class Caller:
    """The process of tests/faults/calling.py."""

    def __init__(self, fleet):
        environment = fleet.platform.service_environment("course")
        self.process = subprocess.Popen(
            [environment["PLATFORM_PYTHON"], "-m", "tests.faults.calling"],
            cwd=fleet.platform.root,
            env=environment | {"LOG_LEVEL": "CRITICAL"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, command, user_id):
        """Send a command; return what came of it."""
        self.process.stdin.write(f"{command} {user_id}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(20) == 0


@pytest.fixture(scope="module")
def caller(spoiled_fleet):
    caller = Caller(spoiled_fleet)
    yield caller
    caller.close()


@contextmanager
def spoiled(proxy, fault):
    FAULTS[fault][0](proxy)
    try:
        yield
    finally:
        proxy.passes()


def faults(quick):
    """Return all faults as parameters; those that are not *quick* are long."""
    return [
        pytest.param(fault, marks=[] if fault in quick else [pytest.mark.long])
        for fault in FAULTS
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_says_what_may_have_happened_and_acts_once_at_most(
    spoiled_fleet, proxy, caller, fault
):
    learner = uuid4()

    told = _call_through(fault, proxy, caller, "write", learner)

    lessons = _lessons(spoiled_fleet, learner)
    assert lessons == FAULTS[fault][3]
    assert told["happened"] == UNKNOWN or lessons == {NO: 0, YES: 1}[told["happened"]]


@pytest.mark.parametrize("fault", faults(QUICK))
def test_a_read_ends_in_time_and_leaves_nothing_behind(
    spoiled_fleet, proxy, caller, fault
):
    _call_through(fault, proxy, caller, "read", uuid4())


def _call_through(fault, proxy, caller, command, learner):
    """Call while the line fails; see that the caller is told so, and is well after."""
    _, error, happened, _ = FAULTS[fault]
    before = caller.tell("read", learner)
    assert before["error"] is None

    with spoiled(proxy, fault):
        asked = len(proxy.requests)
        told = caller.tell(command, learner)
        # A request that had not come here would show nothing.
        assert fault == "refused" or len(proxy.requests) > asked
    after = caller.tell("read", learner)

    assert (told["error"], told["happened"]) == (error, happened)
    assert told["seconds"] < CALL_SECONDS
    assert told["in_use"] == 0
    assert after["error"] is None
    assert after["threads"] == before["threads"]
    # The one kept connection.
    assert after["sockets"] == before["sockets"]
    wait_for(lambda: proxy.open_connections <= 1, CALL_SECONDS, "the others closed")
    return told


def _lessons(fleet, learner):
    rows = query(
        fleet,
        "user",
        "SELECT lessons_completed FROM progress_progress WHERE user_id = ?",
        learner.hex,
    )
    return sum(count for (count,) in rows)


@pytest.mark.parametrize("fault", faults(QUICK))
def test_a_delivery_survives_the_fault_and_arrives_once(spoiled_fleet, proxy, fault):
    fleet = spoiled_fleet
    warm = _register(fleet)
    _wait_until_delivered(fleet, warm)

    with spoiled(proxy, fault):
        person = _register(fleet)
        if fault not in DELIVERED_ANYWAY:
            state, outcome, happened, tries = wait_for(
                lambda: _failed_row(fleet, person),
                RECOVERY_SECONDS,
                "the failure in the outbox",
            )
            assert state == "pending"
            assert outcome == OUTCOMES.get(fault, "broken")
            assert happened == FAULTS[fault][2]
            assert tries == 1
        else:
            _wait_until_delivered(fleet, person)

    _wait_until_delivered(fleet, person)
    assert profiles_made_by_auth(fleet, [person]) == once_each([person])
    keys = {
        request.headers["idempotency-key"]
        for request in proxy.requests
        if person.encode() in request.body
    }
    assert len(keys) == 1
    assert _threads(fleet, "auth-worker") <= MOST_THREADS
    # The relay's kept connections, and the caller's.
    most = SENDERS_PER_DESTINATION + 1
    wait_for(lambda: proxy.open_connections <= most, CALL_SECONDS, "others closed")


def _register(fleet):
    """Register at auth-service itself; return the id of the new account."""
    response = ask(
        "POST",
        f"{fleet.url('auth')}/api/v1/auth/register",
        json={"email": new_email(), "password": PASSWORD, "full_name": "Ana Lopez"},
    )
    assert response.status_code == 201, response.text
    return response.json()["user"]["id"]


def _wait_until_delivered(fleet, person):
    wait_for(
        lambda: _row(fleet, person)[0] == "delivered",
        RECOVERY_SECONDS,
        "the delivery",
    )


def _failed_row(fleet, person):
    row = _row(fleet, person)
    return row if row[1] else None


def _pending_to_user(fleet):
    return query(
        fleet,
        "auth",
        "SELECT id FROM outbox_outboxmessage "
        "WHERE destination = 'user' AND state = 'pending'",
    )


def _row(fleet, person):
    [row] = query(
        fleet,
        "auth",
        "SELECT state, last_outcome, happened, attempts + deferrals "
        "FROM outbox_outboxmessage WHERE destination = 'user' AND ordering_key = ?",
        str(UUID(person)),
    )
    return row


def _threads(fleet, program):
    """Count the threads of *program*."""
    status = Path(f"/proc/{fleet.pid(program)}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("Threads:")]
    return int(line.split()[1])
