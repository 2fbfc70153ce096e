"""The same request many times: at once, later, and in another order."""

import json
import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.testing.fleet import Fleet
from shared.wire.ids import uuid7
from tests.faults.peers_calling import KeyedRequest, send_shared, send_together
from tests.internal_calls import NOTICE
from tests.records import query

KEYS, COPIES = 20, 50
PROGRESS = "/api/v1/user/internal/progress/update"
NOTIFICATION_EVENTS = "/api/v1/notification/internal/events"


def test_fifty_duplicates_of_twenty_keys_have_twenty_effects(fleet):
    _try_duplicates(fleet)


@pytest.mark.long
def test_fifty_duplicates_of_twenty_keys_have_twenty_effects_on_postgresql():
    with Fleet(["user-web"], on_postgres=True) as fleet:
        _try_duplicates(fleet)


def _try_duplicates(fleet):
    learner = str(uuid4())
    body = {"user_id": learner, "lessons_completed": 1}
    wanted = [
        KeyedRequest("course", "user", "PUT", PROGRESS, uuid7(), body)
        for _ in range(KEYS)
    ]

    answers = send_together(fleet, wanted, threads=COPIES)

    for own in answers:
        assert len(own) == COPIES
        assert {(answer.status_code, answer.content) for answer in own} == {
            (200, own[0].content)
        }
        replays = [answer.headers.get("Idempotency-Replayed") for answer in own]
        assert replays.count(None) == 1
        assert replays.count("true") == COPIES - 1
    printed = fleet.manage(
        *("user", "shell", "-v0", "-c", _COUNT_PROGRESS.format(learner=learner))
    )
    assert json.loads(printed) == [KEYS, KEYS]


_COUNT_PROGRESS = """
from user_project.progress.models import Progress, StudySession
learner = "{learner}"
lessons = Progress.objects.get(user_id=learner).lessons_completed
print([lessons, StudySession.objects.filter(user_id=learner).count()])
"""


def test_three_copies_of_a_hundred_events_leave_the_state_of_one(fleet):
    _try_copies(fleet, events=100, seed=3)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [5, 6])
def test_three_copies_of_a_thousand_events_leave_the_state_of_one(fleet, seed):
    _try_copies(fleet, events=1000, seed=seed)


def _try_copies(fleet, *, events, seed):
    chance = random.Random(seed)
    told_once = [str(uuid4()) for _ in range(10)]
    told_often = [str(uuid4()) for _ in told_once]
    facts = [_make_fact(number, chance) for number in range(events)]
    twin_of = dict(zip(told_once, told_often, strict=True))
    readers = [chance.choice(told_once) for _ in facts]
    in_order = [
        _message(fact, reader) for fact, reader in zip(facts, readers, strict=True)
    ]
    copies = [
        _message(fact, twin_of[reader])
        for fact, reader in zip(facts, readers, strict=True)
    ] * 3
    chance.shuffle(copies)

    once = send_shared(fleet, in_order, threads=1)
    often = send_shared(fleet, copies, threads=8)

    # Events are answered with 200, the calls among them with 201.
    assert {answer.status_code for answer in once} == {200, 201}
    assert {answer.status_code for answer in often} == {200, 201}
    replays = [answer.headers.get("Idempotency-Replayed") for answer in often]
    assert replays.count("true") == 2 * events
    for one, other in twin_of.items():
        assert _state_of(fleet, one) == _state_of(fleet, other)


def _make_fact(number, chance):
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    return chance.choice(
        [
            ("user.role_changed.v1", {"role": chance.choice(["student", "admin"])}, at),
            (
                "profile.updated.v1",
                {
                    "display_name": f"Name {number}",
                    "locale": chance.choice(["en", "vi"]),
                    "timezone": "UTC",
                    "visibility": "public",
                },
                at,
            ),
            ("notice", {"title": f"Notice {number}"}, at),
        ]
    )


def _message(fact, reader):
    type_, data, at = fact
    key = uuid7()
    if type_ == "notice":
        # Without a dedupe of its own: only the key says that it is the same.
        body = {"user_id": reader, "type": "system", "message": "Hi.", **data}
        return KeyedRequest("auth", "notification", "POST", NOTICE, key, body)
    source, moment = {
        "user.role_changed.v1": ("auth", "changed_at"),
        "profile.updated.v1": ("user", "updated_at"),
    }[type_]
    envelope = {
        "id": str(key),
        "source": source,
        "type": type_,
        "subject": reader,
        "time": at.isoformat(),
        "data": {"user_id": reader, moment: at.isoformat(), **data},
    }
    return KeyedRequest(
        source, "notification", "POST", NOTIFICATION_EVENTS, key, envelope
    )


def _state_of(fleet, reader):
    """Return what notification-service knows of a person, and their notices."""
    id_ = reader.replace("-", "")
    known = query(
        fleet,
        "notification",
        "SELECT role, display_name, locale, role_changed_at, profile_updated_at "
        "FROM notices_reader WHERE user_id = ?",
        id_,
    )
    notices = query(
        fleet,
        "notification",
        "SELECT own_title FROM notices_notice WHERE user_id = ? ORDER BY own_title",
        id_,
    )
    return known, notices
