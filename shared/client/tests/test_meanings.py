"""The outcome table, row by row, as COMMUNICATION.md has it."""

import pytest

from shared.client.outcomes import (
    BROKEN,
    NOT_SENT,
    OUT_OF_TIME,
    REFUSED_HERE,
    Again,
    Breaker,
    Meaning,
    meaning_of,
)
from shared.wire.errors import Happened

NO, YES, UNKNOWN = Happened.NO, Happened.YES, Happened.UNKNOWN
FAILURE, NEUTRAL, SUCCESS = Breaker.FAILURE, Breaker.NEUTRAL, Breaker.SUCCESS

ANSWERED = Meaning(YES, SUCCESS, Again.NEVER)
REFUSED = Meaning(NO, SUCCESS, Again.NEVER)
FAILED = Meaning(UNKNOWN, FAILURE, Again.KEYED)
TRY_LATER = Meaning(NO, NEUTRAL, Again.ALWAYS)
UNAUTHORISED = Meaning(NO, NEUTRAL, Again.RELOAD_KEY)
RUNNING = Meaning(UNKNOWN, NEUTRAL, Again.KEYED)
OVERLOADED = Meaning(NO, FAILURE, Again.ALWAYS)

STATUSES = {
    **dict.fromkeys([200, 201, 202, 204, 299], ANSWERED),
    **dict.fromkeys([401, 403], UNAUTHORISED),
    **dict.fromkeys([408, 425, 429], TRY_LATER),
    **dict.fromkeys([500, 501, 502, 503, 504, 507, 599], FAILED),
    # A redirect is not followed, and 101 is no answer.
    **dict.fromkeys([101, 199, 300, 302, 308], REFUSED),
    **dict.fromkeys([400, 402, 404, 405, 407, 409, 410, 413, 415], REFUSED),
    **dict.fromkeys([422, 424, 426, 428, 430, 451, 499], REFUSED),
}


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_a_status_has_its_meaning(status, meaning):
    assert meaning_of(status) == meaning


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        (409, "in_progress", RUNNING),
        (409, "seat_taken", REFUSED),
        (408, "in_progress", TRY_LATER),
        (422, "in_progress", REFUSED),
        (500, "in_progress", FAILED),
        (200, "in_progress", ANSWERED),
    ],
)
def test_only_a_409_says_that_a_twin_is_in_progress(status, code, meaning):
    assert meaning_of(status, code=code) == meaning


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (503, OVERLOADED),
        (502, FAILED),
        (504, FAILED),
        (429, TRY_LATER),
        (200, ANSWERED),
        (404, REFUSED),
    ],
)
def test_only_a_503_with_a_time_to_return_did_not_happen(status, meaning):
    assert meaning_of(status, has_retry_after=True) == meaning


@pytest.mark.parametrize(
    ("without_a_status", "meaning"),
    [
        (NOT_SENT, Meaning(NO, FAILURE, Again.ALWAYS)),
        (REFUSED_HERE, Meaning(NO, NEUTRAL, Again.NEVER)),
        (BROKEN, Meaning(UNKNOWN, FAILURE, Again.KEYED)),
        (OUT_OF_TIME, Meaning(UNKNOWN, NEUTRAL, Again.NEVER)),
    ],
)
def test_an_attempt_without_an_answer_has_its_meaning(without_a_status, meaning):
    assert without_a_status == meaning
