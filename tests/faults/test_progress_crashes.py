"""kill -9 of who reports a lesson, who delivers the report and who counts it."""

import random
import subprocess
import threading
from collections import Counter
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest

from tests.faults.crashes import RESTART_SECONDS, Victim
from tests.records import query, undelivered
from tests.waiting import wait_for

# The lease of a killed relay ends by itself; then what it held is taken one by one.
RECOVERY_SECONDS = 30 + 2 * 10
PROGRAMS = ["course-worker", "user-web"]
# Between two reports, so that they go on while programs are killed and come back.
PACE_SECONDS = 0.02


@pytest.mark.parametrize("seed", [17])
def test_every_completed_lesson_is_counted_once(fleet, seed):
    _crash_at_random(fleet, kills=4, reports=60, seed=seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("kills", "reports", "seed"), [(20, 300, 23), (60, 1000, 29)])
def test_every_one_of_many_completed_lessons_is_counted_once(
    fleet, kills, reports, seed
):
    _crash_at_random(fleet, kills=kills, reports=reports, seed=seed)


def _crash_at_random(fleet, *, kills, reports, seed):
    chance = random.Random(seed)
    learners = [str(uuid4()) for _ in range(10)]
    victims = {program: Victim(fleet, program) for program in PROGRAMS}
    order = [PROGRAMS[i % len(PROGRAMS)] for i in range(kills)]
    chance.shuffle(order)

    with reporting(fleet, learners, random.Random(seed + 1)) as senders:
        for program in order:
            victims[program].kill_after(chance.randint(1, 6))
        wait_for(
            lambda: len(senders.reported) >= reports and senders.kills >= kills // 2,
            RESTART_SECONDS * 10,
            f"{reports} reports, and senders killed among them",
        )
    fleet.wait_until_ready()

    assert sum(victim.kills for victim in victims.values()) == kills
    wait_for(
        lambda: not undelivered(fleet, "course"),
        RECOVERY_SECONDS,
        "nothing left to deliver",
    )
    written = _written(fleet, learners)
    # What a sender has seen committed is there; a killed one may not have seen it.
    assert set(senders.reported) <= set(written)
    assert len(written) <= len(senders.reported) + senders.kills
    by_learner = Counter(written.values())
    assert _lessons(fleet, learners) == by_learner
    assert _sessions(fleet, learners) == by_learner


def _written(fleet, learners):
    """Return the learner of every message in the outbox of course-service, by id."""
    rows = query(
        fleet,
        "course",
        "SELECT id, ordering_key FROM outbox_outboxmessage WHERE destination = 'user'",
    )
    return {str(UUID(id_)): learner for id_, learner in rows if learner in learners}


def _lessons(fleet, learners):
    rows = query(
        fleet, "user", "SELECT user_id, lessons_completed FROM progress_progress"
    )
    return _of(learners, rows)


def _sessions(fleet, learners):
    rows = query(
        fleet,
        "user",
        "SELECT user_id, count(*) FROM progress_studysession GROUP BY user_id",
    )
    return _of(learners, rows)


def _of(learners, rows):
    counts = {str(UUID(user_id)): count for user_id, count in rows}
    return Counter({who: counts[who] for who in learners if who in counts})


class Senders:
    """Processes that report lessons, one after another; each is killed at its work."""

    def __init__(self, fleet, learners, chance):
        self.reported = []
        self.kills = 0
        self._fleet = fleet
        self._learners = learners
        self._chance = chance
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.is_set():
            with self._sender() as sender:
                for _ in range(self._chance.randint(5, 40)):
                    if self._over.wait(PACE_SECONDS):
                        break
                    self._tell(sender)
                    self.reported.append(sender.stdout.readline().strip())
                else:
                    self._tell(sender)
                    # Before, within or after its transaction: nobody knows.
                    self._over.wait(self._chance.uniform(0, 0.005))
                    sender.kill()
                    self.kills += 1

    def _tell(self, sender):
        sender.stdin.write(self._chance.choice(self._learners) + "\n")
        sender.stdin.flush()

    @contextmanager
    def _sender(self):
        environment = self._fleet.platform.service_environment("course")
        with subprocess.Popen(
            [environment["PLATFORM_PYTHON"], "-m", "tests.faults.completing"],
            cwd=self._fleet.platform.root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as sender:
            yield sender


@contextmanager
def reporting(fleet, learners, chance):
    senders = Senders(fleet, learners, chance)
    try:
        yield senders
    finally:
        senders.close()
