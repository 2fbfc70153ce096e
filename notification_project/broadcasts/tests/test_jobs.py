"""What the worker makes of broadcasts: everybody once, whatever happens."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from notification_project.broadcasts import services
from notification_project.broadcasts.jobs import send_broadcasts as job
from notification_project.broadcasts.models import Broadcast, CourseMember
from notification_project.notices.models import Notice
from shared.wire.ids import uuid7

from .broadcasting import (
    again,
    enrolled,
    make_broadcast,
    make_readers,
    opt_out,
    send_all,
    told,
)

CHUNK = services.CHUNK


def test_a_crash_after_the_first_chunk_leaves_everybody_told_once(crash_before):
    people = make_readers(1_200)
    unwilling = people[50:1_050:50]
    opt_out(unwilling)
    broadcast = make_broadcast()

    # The notices of the second chunk are there, its counts are not.
    with crash_before('UPDATE "broadcasts_broadcast"', number=2):
        services.send_broadcasts()

    halted = again(broadcast)
    assert (halted.state, halted.cursor) == ("sending", people[CHUNK - 1])
    assert (halted.sent, halted.suppressed) == (CHUNK - 1, 1)
    assert len(told(broadcast)) == CHUNK - 1
    assert send_all() == 1_200 - CHUNK
    assert told(broadcast) == sorted(set(people) - set(unwilling))
    finished = again(broadcast)
    assert finished.state == "completed"
    assert (finished.total, finished.sent, finished.suppressed) == (1_200, 1_180, 20)
    assert finished.finished_at is not None
    assert send_all() == 0


@pytest.mark.django_db
def test_a_notice_says_what_was_written():
    [reader] = make_readers(1)
    make_broadcast(action_kind="url", action_target="/status")

    assert job() == 1

    notice = Notice.objects.get()
    assert (notice.user_id, notice.sender) == (reader, "notification")
    assert (notice.type, notice.category) == ("system", "warning")
    text = notice.text("vi")
    assert (text.title, text.message) == ("Maintenance", "On Sunday from 2 to 3.")
    assert notice.action == {"kind": "url", "target": "/status"}


@pytest.mark.django_db
def test_a_role_is_told_and_nobody_else():
    students, _ = make_readers(3), make_readers(2, role="instructor")
    broadcast = make_broadcast("role", role="student")

    assert broadcast.total == 3
    assert send_all() == 3
    assert told(broadcast) == students


@pytest.mark.django_db
def test_a_course_is_told_by_its_enrollments(deliver):
    course_id = uuid7()
    [learner, *_] = make_readers(3)
    unknown = uuid7()  # whose registration has not arrived yet
    fact = enrolled(learner, course_id)
    key = uuid7()
    for _ in range(3):
        assert deliver(fact, key=key).status_code == 200
    deliver(enrolled(learner, course_id))
    deliver(enrolled(unknown, course_id))
    deliver(enrolled(learner, uuid7()))
    broadcast = make_broadcast("course", course_id=course_id)

    assert CourseMember.objects.count() == 3
    assert broadcast.total == 2
    assert send_all() == 2
    assert told(broadcast) == sorted([learner, unknown])


@pytest.mark.django_db
def test_only_course_may_tell_of_an_enrollment(deliver):
    response = deliver(enrolled(uuid7(), uuid7()), publisher="user")

    assert response.status_code == 403
    assert not CourseMember.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [0, CHUNK - 1, CHUNK, CHUNK + 1])
def test_a_broadcast_ends_whatever_its_size(count):
    make_readers(count)
    broadcast = make_broadcast()

    assert send_all() == count
    send_all()

    finished = again(broadcast)
    assert (finished.state, finished.sent, finished.total) == (
        "completed",
        count,
        count,
    )


@pytest.mark.django_db
def test_one_run_of_the_job_is_bounded(monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 3)
    make_readers(3 * services.CHUNKS_AT_ONCE + 1)
    make_broadcast()

    assert [job(), job(), job()] == [3 * services.CHUNKS_AT_ONCE, 1, 0]


@pytest.mark.django_db
def test_a_cancelled_broadcast_tells_nobody_else():
    make_readers(CHUNK + 5)
    broadcast, next_one = make_broadcast(), make_broadcast("role", role="admin")
    services.send_chunk()

    services.cancel_broadcast(broadcast_id=broadcast.pk)

    assert send_all() == 0
    assert len(told(broadcast)) == CHUNK
    assert (again(broadcast).state, again(broadcast).sent) == ("cancelled", CHUNK)
    assert again(next_one).state == "completed"


@pytest.mark.django_db
def test_who_comes_while_it_is_sent_is_counted_too():
    make_readers(CHUNK)
    broadcast = make_broadcast()
    services.send_chunk()

    newcomers = make_readers(2)
    send_all()

    assert set(newcomers) <= set(told(broadcast))
    assert again(broadcast).total == CHUNK + 2


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_tell_everybody_once(monkeypatch):
    monkeypatch.setattr(services, "CHUNK", 5)
    people = make_readers(123)
    broadcasts = [make_broadcast(), make_broadcast("role", role="student")]
    workers = 4
    barrier = threading.Barrier(workers)

    def work(_):
        try:
            barrier.wait(timeout=30)
            send_all()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    send_all()  # a worker may have given up while another held the last broadcast

    for broadcast in broadcasts:
        assert told(broadcast) == people
        assert again(broadcast).sent == len(people)
    assert not Broadcast.objects.open().exists()
