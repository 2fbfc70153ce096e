"""Messages enter the outbox beside the change they belong to."""

from datetime import UTC, datetime

import msgspec
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shared.contracts.events import UserRegistered, publish
from shared.contracts.peer import CallInTransactionError
from shared.contracts.user import (
    CreateProfile,
    GetProfiles,
    UpdateProgress,
    get_profiles,
    update_progress,
)
from shared.outbox.models import OutboxMessage
from shared.outbox.wakeup import WakeUp
from shared.outbox.writing import LANES, OutsideTransactionError, lane_of
from shared.telemetry.trace import new_trace, use_trace
from shared.wire.errors import InvalidRequestError
from shared.wire.ids import uuid7


def make_progress(**fields):
    return UpdateProgress(**{"user_id": uuid7(), "lessons_completed": 1} | fields)


def make_fact(**fields):
    defaults = {
        "user_id": uuid7(),
        "email": "an@example.org",
        "full_name": "An",
        "role": "student",
        "registered_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return UserRegistered(**defaults | fields)


@pytest.mark.django_db(transaction=True)
def test_later_is_one_insert():
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        update_progress.later(make_progress())

    assert len(queries) == 1
    assert queries[0]["sql"].startswith("INSERT")


@pytest.mark.django_db(transaction=True)
def test_later_outside_a_transaction_raises():
    with pytest.raises(OutsideTransactionError):
        update_progress.later(make_progress())

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_takes_its_message_along():
    with transaction.atomic():
        update_progress.later(make_progress())
        transaction.set_rollback(True)

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"lessons_completed": -1},
        {"lessons_completed": "1"},
        {"study_minutes": 1_000_001},
        {"skill": "dancing"},
        {"score_percent": 100.1},
        {"user_id": "not a uuid"},
        {"resource_title": "x" * 201},
        {"resource_title": "nul\x00"},
        {"resource_title": "bell\x07"},
    ],
)
def test_nothing_that_breaks_its_contract_enters_the_outbox(fields):
    with transaction.atomic(), pytest.raises(InvalidRequestError):
        update_progress.later(make_progress(**fields))

    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_a_message_keeps_what_its_delivery_needs(outbox):
    user_id, person, trace = uuid7(), uuid7(), new_trace()
    with transaction.atomic(), use_trace(trace):
        update_progress.later(make_progress(user_id=user_id), on_behalf_of=person)

    (message,) = outbox()
    assert message.kind == OutboxMessage.Kind.CALL
    assert message.type == "PUT /api/v1/user/internal/progress/update"
    assert message.destination == "user"
    assert message.ordering_key == str(user_id)
    assert message.lane == lane_of(str(user_id)) < LANES
    assert message.on_behalf_of == person
    assert message.traceparent == trace.traceparent
    assert message.id.version == 7
    assert msgspec.json.decode(message.payload)["user_id"] == str(user_id)


@pytest.mark.django_db
def test_a_message_without_an_order_has_its_id_as_key(outbox):
    from shared.outbox.writing import write_message

    with transaction.atomic():
        write_message(kind="call", type_="x", destination="user", payload="{}")

    (message,) = outbox()
    assert message.ordering_key == str(message.id)


@pytest.mark.django_db(transaction=True)
def test_now_inside_a_transaction_raises_in_local_mode():
    with transaction.atomic(), pytest.raises(CallInTransactionError):
        get_profiles.now(GetProfiles(ids=[uuid7()]))


@pytest.mark.django_db
def test_now_does_not_count_the_transaction_of_the_test(faulty_peer):
    peer = faulty_peer("user")

    assert get_profiles.now(GetProfiles(ids=[uuid7()])).profiles == []

    assert len(peer.requests) == 1


@pytest.mark.django_db(transaction=True)
def test_now_inside_a_transaction_is_counted_in_production(faulty_peer, settings):
    from shared.telemetry.metrics import remote_call_in_transaction

    settings.IS_LOCAL = False
    faulty_peer("user")
    count = remote_call_in_transaction.labels(get_profiles.name)._value
    before = count.get()

    with transaction.atomic():
        get_profiles.now(GetProfiles(ids=[uuid7()]))

    assert count.get() == before + 1


@pytest.mark.django_db
def test_a_request_that_breaks_its_contract_is_not_sent(faulty_peer):
    peer = faulty_peer("user")

    with pytest.raises(InvalidRequestError):
        get_profiles.now(GetProfiles(ids=[]))

    assert peer.requests == []


@pytest.mark.django_db
def test_publish_stores_one_row_per_subscriber(settings, outbox):
    settings.SERVICE = "auth"
    fact = make_fact()

    with transaction.atomic():
        publish(fact)

    rows = outbox()
    assert [row.destination for row in rows] == ["course", "exercise", "notification"]
    assert {row.ordering_key for row in rows} == {str(fact.user_id)}
    envelope = msgspec.json.decode(rows[0].payload)
    assert envelope["id"] == str(rows[0].id)
    assert envelope["type"] == rows[0].type == "user.registered.v1"
    assert envelope["source"] == "auth"
    assert envelope["subject"] == str(fact.user_id)
    assert envelope["specversion"] == "1.0"
    assert envelope["traceparent"] == rows[0].traceparent
    assert envelope["data"]["full_name"] == "An"


@pytest.mark.django_db(transaction=True)
def test_publish_outside_a_transaction_raises(settings):
    settings.SERVICE = "auth"

    with pytest.raises(OutsideTransactionError):
        publish(make_fact())


@pytest.mark.django_db
def test_an_event_of_another_service_cannot_be_published():
    with transaction.atomic(), pytest.raises(ValueError, match="published by auth"):
        publish(make_fact())


@pytest.mark.django_db
def test_only_events_can_be_published():
    request = CreateProfile(user_id=uuid7(), email="a@b.c", role="student")

    with transaction.atomic(), pytest.raises(TypeError):
        publish(request)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"email": "nobody"}, {"role": "king"}, {"full_name": "\ud800"}]
)
def test_a_fact_that_breaks_its_contract_is_not_published(settings, outbox, fields):
    settings.SERVICE = "auth"

    with transaction.atomic(), pytest.raises((InvalidRequestError, UnicodeError)):
        publish(make_fact(**fields))

    assert outbox() == []


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_the_relay_and_a_rollback_does_not():
    wake_up = WakeUp()
    try:
        with transaction.atomic():
            update_progress.later(make_progress())
            transaction.set_rollback(True)
        assert not wake_up.wait(0)

        with transaction.atomic():
            update_progress.later(make_progress())
            update_progress.later(make_progress())

        assert wake_up.wait(5)
        assert not wake_up.wait(0)
    finally:
        wake_up.close()


def test_a_socket_path_that_is_too_long_leaves_the_poll(settings, tmp_path):
    settings.PLATFORM_RUN = tmp_path / ("x" * 120)
    from shared.outbox.wakeup import wake_relays

    wake_up = WakeUp()
    wake_relays()
    wake_up.wake()

    assert wake_up.wait(5)
    wake_up.close()


def test_the_socket_of_a_killed_relay_is_removed(settings, tmp_path):
    import socket

    from shared.outbox.wakeup import wake_relays

    settings.PLATFORM_RUN = tmp_path
    folder = tmp_path / f"{settings.SERVICE}-relays"
    folder.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left_over:
        left_over.bind(str(folder / "4711"))

    wake_relays()

    assert list(folder.iterdir()) == []
