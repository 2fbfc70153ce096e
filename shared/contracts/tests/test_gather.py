"""Several calls at the same time."""

import threading
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shared.client.discovery import directory
from shared.contracts.auth import GetAccount, get_account
from shared.contracts.peer import CallInTransactionError, gather
from shared.contracts.user import GetProfiles, get_profiles
from shared.telemetry.trace import new_trace, use_trace
from shared.testing.faulty_peer import Reply
from shared.wire.deadline import Deadline, use_deadline
from shared.wire.errors import CallError, InvalidRequestError, PeerUnavailable
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)

ACCOUNT = {
    "user_id": str(uuid7()),
    "email": "an@example.org",
    "full_name": "An",
    "role": "student",
}


def ask_profiles():
    return get_profiles.call(GetProfiles(ids=[uuid7()]))


def test_each_slot_is_an_answer_or_an_error(faulty_peer):
    faulty_peer("user").down()
    faulty_peer("auth").answers(200, json=ACCOUNT)

    slots = gather(
        {
            "account": get_account.call(GetAccount(user_id=uuid7())),
            "profiles": ask_profiles(),
        },
        timeout_seconds=1,
    )

    assert slots["account"].full_name == "An"
    assert isinstance(slots["profiles"], PeerUnavailable)


def test_the_time_is_that_of_the_slowest_and_not_the_sum(faulty_peer):
    peer = faulty_peer("user")
    peer.hangs()

    started = time.monotonic()
    slots = gather({str(n): ask_profiles() for n in range(6)}, timeout_seconds=0.6)

    assert time.monotonic() - started < 2 * 0.6
    assert all(isinstance(slot, CallError) for slot in slots.values())


def test_calls_are_on_their_way_together(faulty_peer):
    peer, together = faulty_peer("user"), threading.Barrier(3)

    def reply(request):
        together.wait(5)
        return Reply()

    peer.replies(reply)

    slots = gather({str(n): ask_profiles() for n in range(3)}, timeout_seconds=5)

    assert [slot.profiles for slot in slots.values()] == [[], [], []]


def test_the_threads_carry_trace_deadline_and_person(faulty_peer):
    peer, trace, person = faulty_peer("user"), new_trace(), uuid7()
    call = get_profiles.call(GetProfiles(ids=[uuid7()]), on_behalf_of=person)

    with use_trace(trace), use_deadline(Deadline.after(0.5)):
        gather({"one": call, "two": call}, timeout_seconds=60)

    for request in peer.requests:
        assert request.headers["traceparent"].split("-")[1] == trace.trace_id
        assert int(request.headers["x-request-timeout-ms"]) <= 480
        assert request.headers["x-on-behalf-of"] == str(person)
    assert len(peer.requests) == 2


def test_the_database_is_left_alone(faulty_peer):
    faulty_peer("user")
    directory.refresh_if_due()

    with CaptureQueriesContext(connection) as queries:
        gather({str(n): ask_profiles() for n in range(3)}, timeout_seconds=1)

    assert len(queries) == 0


def test_nothing_is_gathered_from_nothing():
    assert gather({}, timeout_seconds=1) == {}


def test_a_request_that_breaks_its_contract_is_a_fault_of_the_caller(faulty_peer):
    faulty_peer("user")

    with pytest.raises(InvalidRequestError):
        gather({"x": get_profiles.call(GetProfiles(ids=[]))}, timeout_seconds=1)


def test_inside_a_transaction_it_raises():
    from django.db import transaction

    with transaction.atomic(), pytest.raises(CallInTransactionError):
        gather({"x": ask_profiles()}, timeout_seconds=1)
