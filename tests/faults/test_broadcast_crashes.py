"""A worker that is killed in the middle of a broadcast, and another that goes on."""

from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

from tests.broadcasts import Announcer
from tests.faults.crashes import RESTART_SECONDS
from tests.records import execute, query
from tests.waiting import wait_for

# More than one run of the job tells: the worker pauses before the last of them.
PEOPLE = 1_200
AT_ONCE = 200  # rows of one INSERT


def enroll_strangers(fleet, course_id):
    """Let notification-service know of many who take a course."""
    row = (course_id, datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00"))
    for _ in range(0, PEOPLE, AT_ONCE):
        values = [
            value for _ in range(AT_ONCE) for value in (row[0], uuid4().hex, row[1])
        ]
        marks = ", ".join(["(?, ?, ?)"] * AT_ONCE)
        execute(
            fleet,
            "notification",
            "INSERT INTO broadcasts_coursemember (course_id, user_id, enrolled_at) "
            f"VALUES {marks}",
            *values,
        )


def notices_of(fleet, id_):
    """Count, by person, the notices of a broadcast."""
    rows = query(
        fleet,
        "notification",
        "SELECT user_id FROM notices_notice WHERE dedupe = ?",
        f"broadcast:{id_}",
    )
    return Counter(str(user_id) for (user_id,) in rows)


def test_a_worker_killed_in_the_middle_tells_everybody_once(fleet):
    course_id = uuid4().hex
    enroll_strangers(fleet, course_id)
    announcer = Announcer(fleet)
    id_ = announcer.broadcast(title="News", audience="course", course_id=course_id)

    wait_for(lambda: notices_of(fleet, id_), RESTART_SECONDS, "the first chunk")
    fleet.kill("notification-worker")
    halted = announcer.look(id_)
    fleet.wait_until_ready("notification-worker")
    wait_for(lambda: announcer.is_completed(id_), RESTART_SECONDS, "the broadcast")

    assert halted["state"] == "sending"
    assert 0 < halted["sent"] < PEOPLE
    done = announcer.look(id_)
    assert (done["total"], done["sent"], done["suppressed"]) == (PEOPLE, PEOPLE, 0)
    told = notices_of(fleet, id_)
    assert len(told) == PEOPLE
    assert set(told.values()) == {1}
