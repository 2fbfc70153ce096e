"""What a failed delivery means for its message, case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.outbox.models import OutboxMessage
from shared.outbox.verdicts import (
    Judgement,
    Verdict,
    apply_failure,
    is_misconfigured,
    judge,
)
from shared.wire.errors import (
    BulkheadFull,
    CallError,
    ContractViolation,
    DeadlineExceeded,
    Happened,
    PeerFailed,
    PeerRejected,
    PeerUnavailable,
)

from .receiver import circuit_open, failed, rejected

State = OutboxMessage.State

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PEER_AWAY, LATER, FAILED = Verdict.PEER_AWAY, Verdict.LATER, Verdict.FAILED
REFUSED, DELIVERED = Verdict.REFUSED, Verdict.DELIVERED
UNWANTED = Verdict.UNWANTED


def rejected_until(seconds):
    return PeerRejected("no", status=429, problem={}, retry_after=seconds)


def failed_until(seconds):
    return PeerFailed("no", status=503, retry_after=seconds)


CASES = [
    (ContractViolation("other shape"), DELIVERED, None),
    (circuit_open(3.0), PEER_AWAY, 3.0),
    (BulkheadFull("full"), LATER, 0.3),
    (PeerUnavailable("away", outcome="refused"), PEER_AWAY, None),
    (PeerUnavailable("away", outcome="no_address"), PEER_AWAY, None),
    (PeerUnavailable("away", outcome="broken"), FAILED, None),
    (DeadlineExceeded("late", stage="attempt"), FAILED, None),
    (CallError("odd", outcome="fault"), FAILED, None),
    (failed(500), FAILED, None),
    (failed(502), FAILED, None),
    (failed(504), FAILED, None),
    (failed(503), PEER_AWAY, None),
    (failed_until(2.0), PEER_AWAY, 2.0),
    (rejected(401), PEER_AWAY, None),
    (rejected(403), PEER_AWAY, None),
    (rejected(429), PEER_AWAY, None),
    (rejected_until(7.0), PEER_AWAY, 7.0),
    (rejected(409, "in_progress"), LATER, 0.3),
    (rejected(404, "route_not_found"), LATER, None),
    (rejected(405, "method_not_allowed"), LATER, None),
    (rejected(422, "unknown_event_type"), LATER, None),
    (rejected(403, "caller_not_allowed"), LATER, None),
    (rejected(408), LATER, 1.0),
    (rejected(425), LATER, 1.0),
    # Something else answers at that address.
    (rejected(302), LATER, None),
    (rejected(399), LATER, None),
    (rejected(404), LATER, None),
    (rejected(404, "course_not_found"), REFUSED, None),
    (rejected(400), REFUSED, None),
    (rejected(409, "seat_taken"), REFUSED, None),
    (rejected(410), REFUSED, None),
    (rejected(410, "account_erased"), UNWANTED, None),
    (rejected(413), REFUSED, None),
    (rejected(415), REFUSED, None),
    (rejected(422, "invalid_request"), REFUSED, None),
    (rejected(431), REFUSED, None),
]


@pytest.mark.parametrize(
    ("error", "verdict", "retry_after"),
    CASES,
    ids=[f"{type(case[0]).__name__} {number}" for number, case in enumerate(CASES)],
)
def test_a_failure_has_its_verdict(error, verdict, retry_after):
    assert judge(error) == Judgement(verdict, retry_after)


@pytest.mark.parametrize(
    ("error", "is_loud"),
    [
        (rejected(401), True),
        (rejected(403), True),
        (rejected(402), False),
        (failed(500), False),
        (circuit_open(1.0), False),
    ],
)
def test_a_refusal_of_this_service_is_for_a_person(error, is_loud):
    assert is_misconfigured(error) is is_loud


def make_message(**fields):
    """Return a message whose attempt has been counted, as a claim does."""
    defaults = {"attempts": 1, "queued_at": NOW, "not_before": NOW}
    return OutboxMessage(**defaults | fields)


def fail(message, error, verdict, *, retry_after=None, chance=1.0):
    """Apply *verdict*; return the seconds that the message waits."""
    apply_failure(
        *(message, error, verdict),
        retry_after=retry_after,
        now=NOW,
        chance=lambda: chance,
    )
    return (message.not_before - NOW).total_seconds()


def test_a_refusal_is_a_dead_letter_with_its_reason():
    message = make_message(happened="unknown")

    fail(message, rejected(422, "seat_taken", happened=Happened.NO), REFUSED)

    assert message.state == State.DEAD
    assert message.reason == "refused: seat_taken"
    assert message.settled_at == message.first_attempt_at == NOW
    assert (message.attempts, message.deferrals) == (1, 0)
    # The same key would have brought back a stored success.
    assert message.happened == Happened.NO


def test_what_is_about_an_erased_person_is_cancelled():
    message = make_message()

    fail(message, rejected(410, "account_erased", happened=Happened.NO), UNWANTED)

    assert message.state == State.CANCELLED
    assert message.reason == "account erased"
    assert message.settled_at == NOW


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (rejected(422, outcome="http_422"), "refused: http_422"),
        (CallError("odd", outcome="fault"), "refused: fault"),
        (rejected(422, "x" * 300), "refused: " + "x" * 191),
    ],
)
def test_a_reason_is_never_empty_nor_too_long(error, reason):
    message = make_message()

    fail(message, error, REFUSED)

    assert message.reason == reason


def test_what_was_said_last_is_kept():
    message = make_message()

    fail(message, CallError("y" * 600, outcome="fault"), FAILED)

    assert message.last_outcome == "fault"
    assert message.last_error == "y" * 500


@pytest.mark.parametrize(
    ("attempts", "chance", "seconds"),
    [(1, 1.0, 1), (2, 1.0, 2), (4, 1.0, 8), (4, 0.5, 4), (10, 1.0, 512), (11, 1, 600)],
)
def test_attempts_are_spread_by_full_jitter(attempts, chance, seconds):
    message = make_message(attempts=attempts)

    assert fail(message, failed(), FAILED, chance=chance) == seconds
    assert (message.attempts, message.deferrals) == (attempts, 0)
    assert message.first_attempt_at == NOW


@pytest.mark.parametrize(
    ("attempts", "trying", "state"),
    [
        (12, timedelta(hours=1), State.DEAD),
        (13, timedelta(hours=2), State.DEAD),
        (11, timedelta(hours=2), State.PENDING),
        (12, timedelta(hours=1) - timedelta(seconds=1), State.PENDING),
    ],
)
def test_it_is_dead_after_twelve_attempts_and_an_hour(attempts, trying, state):
    message = make_message(attempts=attempts, first_attempt_at=NOW - trying)

    fail(message, failed(), FAILED)

    assert message.state == state
    assert message.first_attempt_at == NOW - trying
    assert message.reason == (f"failed {attempts} times" if state == "dead" else "")


def test_a_peer_that_is_away_costs_no_attempt_and_no_wait():
    message = make_message(attempts=3, deferrals=4)

    assert fail(message, failed(503), PEER_AWAY, retry_after=9.0) == 0
    assert (message.attempts, message.deferrals) == (2, 5)
    assert message.first_attempt_at is None


@pytest.mark.parametrize(
    ("deferrals", "retry_after", "seconds"),
    [(0, 0.3, 0.3), (0, 0.0, 0), (0, None, 1), (3, None, 8), (9, None, 60)],
)
def test_a_message_for_later_waits_alone(deferrals, retry_after, seconds):
    message = make_message(attempts=3, deferrals=deferrals)

    waits = fail(message, BulkheadFull("full"), LATER, retry_after=retry_after)

    assert waits == seconds
    assert (message.attempts, message.deferrals) == (2, deferrals + 1)


@pytest.mark.parametrize("verdict", [PEER_AWAY, LATER, FAILED])
@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(days=7), State.PENDING),
        (timedelta(days=7, seconds=1), State.DEAD),
    ],
)
def test_a_week_is_enough(verdict, age, state):
    message = make_message(queued_at=NOW - age)

    fail(message, failed(), verdict)

    assert message.state == state
    assert message.reason == ("expired" if state == "dead" else "")


def test_a_dead_letter_keeps_its_reason_when_it_is_also_old():
    message = make_message(
        attempts=12,
        first_attempt_at=NOW - timedelta(days=6),
        queued_at=NOW - timedelta(days=8),
    )

    fail(message, failed(), FAILED)

    assert message.reason == "failed 12 times"


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        ("", Happened.NO, "no"),
        ("no", Happened.UNKNOWN, "unknown"),
        ("unknown", Happened.NO, "unknown"),
        ("unknown", Happened.YES, "yes"),
        ("no", Happened.YES, "yes"),
    ],
)
def test_what_may_have_happened_is_not_forgotten(before, now, after):
    message = make_message(happened=before)

    fail(message, CallError("odd", happened=now), FAILED)

    assert message.happened == after
