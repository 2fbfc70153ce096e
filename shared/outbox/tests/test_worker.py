"""The worker as a process, its jobs, its port, its commands."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from shared.outbox import jobs as jobs_module
from shared.outbox.jobs import Job, Timetable, every
from shared.outbox.models import OutboxMessage
from shared.outbox.relay import Relay
from shared.outbox.worker import Worker
from shared.peers.keys import new_secret
from shared.peers.models import InternalAPIKey

from .letters import make_dead_letter, make_pending
from .receiver import Receiver

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def signals():
    """Put the handlers of signals back that a worker in this process replaces."""
    before = {
        number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def own_jobs(monkeypatch):
    """Give the list of jobs, empty, for this test."""
    monkeypatch.setattr(jobs_module, "_jobs", [])
    return jobs_module._jobs


# ── jobs ─────────────────────────────────────────────────────────────────────


def test_a_job_runs_when_it_is_due_and_not_before(own_jobs, clock):
    runs = []
    own_jobs.append(Job("count", 60, lambda: runs.append(1) or 0))
    timetable = Timetable(clock)

    timetable.run_due()
    clock.advance(59)
    timetable.run_due()
    assert len(runs) == 1
    clock.advance(2)
    timetable.run_due()

    assert len(runs) == 2


def test_a_job_that_found_work_goes_on_at_once(own_jobs, clock):
    batches = iter([1000, 1000, 10, 0])
    own_jobs.append(Job("purge", 60, lambda: next(batches)))
    timetable = Timetable(clock)

    assert [timetable.run_due() for _ in range(5)] == [1000, 1000, 10, 0, 0]


@pytest.mark.parametrize("error", [OperationalError("away"), KeyError("a fault")])
def test_a_job_that_fails_leaves_the_others_running(own_jobs, clock, caplog, error):
    def fail():
        raise error

    own_jobs.append(Job("bad", 1, fail))
    own_jobs.append(Job("good", 1, lambda: 1))

    assert Timetable(clock).run_due() == 1

    assert "job failed" in caplog.text


def test_a_services_own_job_is_registered_by_name(own_jobs):
    @every(5, "remind")
    def remind():
        return 0

    assert own_jobs == [Job("remind", 5, remind)]


# ── the port ─────────────────────────────────────────────────────────────────


def get(port, path, *, address="127.0.0.1"):
    with urllib.request.urlopen(f"http://{address}:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


@pytest.mark.django_db(transaction=True)
def test_metrics_of_the_worker_can_be_asked_for_any_number_of_times(
    free_port, signals, ended_threads
):
    make_dead_letter()
    worker = Worker(free_port)
    seen = []

    def ask():
        while not seen:
            try:
                seen.append(get(free_port, "/health/live"))
            except OSError:
                continue
        # More often than a pool has connections: each must come back.
        seen.extend(get(free_port, "/metrics") for _ in range(30))
        os.kill(os.getpid(), signal.SIGTERM)

    asker = threading.Thread(target=ask)
    asker.start()
    worker.run()
    asker.join()

    assert json.loads(seen[0]) == {"status": "live"}
    assert len(seen) == 31
    assert 'outbox_dead{destination="user"} 1.0' in seen[-1]
    assert "outbox_oldest_pending_seconds" in seen[-1]


@pytest.mark.django_db(transaction=True)
def test_the_worker_answers_on_the_address_that_it_is_given(
    free_port, signals, ended_threads
):
    seen = []

    def ask():
        while not seen:
            try:
                seen.append(get(free_port, "/health/live", address="127.0.0.2"))
            except OSError:
                continue
        os.kill(os.getpid(), signal.SIGTERM)

    asker = threading.Thread(target=ask)
    asker.start()
    Worker(free_port, "127.0.0.2").run()
    asker.join()

    assert json.loads(seen[0]) == {"status": "live"}


@pytest.mark.django_db(transaction=True)
def test_a_port_that_is_taken_ends_the_worker(signals):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(OSError, match="in use"):
            Worker(taken.getsockname()[1]).run()

    assert "jobs" not in {thread.name for thread in threading.enumerate()}


def test_metrics_are_there_while_the_database_is_away(monkeypatch):
    from shared.outbox import depth
    from shared.server.health import render_metrics

    def fail():
        raise OperationalError("away")

    monkeypatch.setattr(depth, "depths", fail)

    assert b"service_call" in render_metrics()


# ── a database that is away ──────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_relay_waits_for_its_database_and_goes_on(caplog, ended_threads):
    receiver = Receiver()
    failures = iter([OperationalError("away"), OperationalError("still away")])
    delivered = threading.Event()
    message = make_pending()

    def now():
        for failure in failures:
            raise failure
        return message.not_before + (message.not_before - message.created_at)

    def deliver(one):
        receiver(one)
        delivered.set()

    relay = Relay(deliver=deliver, now=now)
    thread = threading.Thread(target=relay.run)
    thread.start()
    assert delivered.wait(20)
    relay.stop()
    thread.join(10)

    assert receiver.ids == [message.id]
    assert caplog.text.count("database away") == 2


# ── the process ──────────────────────────────────────────────────────────────


@pytest.fixture
def world(tmp_path, free_port):
    """Give the environment of a course-service of its own, migrated."""
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "shared.testing.settings",
        "SERVICE": "course",
        "PLATFORM_VAR": str(tmp_path),
        "PLATFORM_RUN": str(tmp_path / "run"),
        "SECRET_KEY": "only-for-a-test",
        "INTERNAL_API_KEY": new_secret().text,
        "COURSE_WORKER_PORT": str(free_port),
        "LOG_FORMAT": "json",
    }
    (tmp_path / "course").mkdir()
    manage(environment, "migrate", "-v0")
    return environment


def manage(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_row(environment):
    """Write one message into the worker's database."""
    manage(
        environment,
        "shell",
        "-v0",
        "-c",
        "from django.db import transaction\n"
        "from shared.contracts.user import UpdateProgress, update_progress\n"
        "from shared.wire.ids import uuid7\n"
        "with transaction.atomic():\n"
        "    update_progress.later(UpdateProgress(user_id=uuid7()))",
    )


def test_sigterm_ends_a_worker_in_good_order(world, faulty_peer, tmp_path):
    peer = faulty_peer("user")
    world["USER_SERVICE_URL"] = peer.url
    process = subprocess.Popen(
        [sys.executable, "-m", "django", "run_worker"],
        env=world,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        write_row(world)
        peer.wait_for_requests(1, timeout_seconds=30)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()

    assert process.returncode == 0, log
    assert time.monotonic() - started < 10
    assert "worker stopped" in log
    with sqlite3.connect(tmp_path / "course" / "db.sqlite3") as database:
        states = database.execute("SELECT state FROM outbox_outboxmessage").fetchall()
        leases = database.execute(
            "SELECT count(*) FROM outbox_lane WHERE leased_until IS NOT NULL"
        ).fetchone()
    database.close()
    assert states == [("delivered",)]
    assert leases == (0,)
    assert world["INTERNAL_API_KEY"] not in log
    assert peer.requests[0].headers["x-internal-api-key"] not in log


# ── commands ─────────────────────────────────────────────────────────────────


def command(*arguments, **options):
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_run_worker_once_delivers_what_is_due(faulty_peer):
    peer = faulty_peer("user")
    message = make_pending()

    assert command("run_worker", "--once") == "1 messages tried.\n"

    message.refresh_from_db()
    assert message.state == OutboxMessage.State.DELIVERED
    assert peer.requests[0].headers["idempotency-key"] == str(message.id)
    assert peer.requests[0].json["user_id"] == message.ordering_key


@pytest.mark.django_db
def test_outbox_status_shows_depth_per_destination():
    make_pending()
    make_dead_letter()

    (row,) = json.loads(command("outbox", "status", "--json"))
    text = command("outbox", "status")

    assert (row["destination"], row["pending"], row["dead"]) == ("user", 1, 1)
    assert row["oldest_pending_seconds"] >= 0
    assert text.splitlines()[1].split()[:3] == ["user", "up", "1"]


@pytest.mark.django_db
def test_outbox_explains_one_message():
    message = make_dead_letter()

    assert command("outbox", "explain", str(message.id)).startswith("Given up at ")


@pytest.mark.django_db
def test_outbox_redelivers_and_cancels():
    first, second = make_dead_letter(), make_dead_letter()

    redelivered = command("outbox", "redeliver", "--id", str(first.id))
    cancelled = command("outbox", "cancel", str(second.id), "--reason", "an error")

    assert redelivered == "1 messages queued.\n"
    assert cancelled == "1 messages cancelled.\n"
    states = OutboxMessage.objects.order_by("position").values_list("state", flat=True)
    assert list(states) == ["pending", "cancelled"]


@pytest.mark.django_db
def test_outbox_redelivers_nothing_unasked():
    make_dead_letter()

    with pytest.raises(CommandError, match="Say which"):
        command("outbox", "redeliver")

    assert OutboxMessage.objects.dead().count() == 1


@pytest.mark.django_db
def test_outbox_pauses_and_resumes():
    command("outbox", "pause", "user", "--reason", "being moved")
    (row,) = json.loads(command("outbox", "status", "--json"))
    assert row["is_paused"]

    command("outbox", "resume", "user")

    (row,) = json.loads(command("outbox", "status", "--json"))
    assert not row["is_paused"]


@pytest.mark.django_db
def test_internal_keys_are_issued_listed_rotated_and_revoked(monkeypatch):
    key = command("internal_keys", "issue", "--caller", "auth").strip()
    key_id = key.split("_")[1]

    successor = command("internal_keys", "rotate", key_id).strip()
    listed = command("internal_keys", "list")
    with pytest.raises(CommandError, match="is in use"):
        command("internal_keys", "revoke", key_id)
    command("internal_keys", "revoke", key_id, "--force")

    assert key not in listed
    assert successor not in listed
    states = dict(InternalAPIKey.objects.values_list("key_id", "state"))
    assert states == {key_id: "revoked", successor.split("_")[1]: "active"}


@pytest.mark.django_db
def test_a_derived_key_is_registered_from_standard_input(monkeypatch):
    secret = new_secret()
    monkeypatch.setattr(sys, "stdin", StringIO(secret.for_callee("course").text + "\n"))
    command("internal_keys", "register", "--caller", "auth")
    monkeypatch.setattr(sys, "stdin", StringIO(secret.for_callee("course").text + "\n"))

    again = command("internal_keys", "register", "--caller", "auth")

    assert again == "0 keys registered, 1 known already.\n"
    row = InternalAPIKey.objects.get()
    assert row.digest == secret.for_callee("course").digest
    assert secret.text not in str(row.__dict__)


@pytest.mark.django_db
def test_a_file_of_digests_is_registered(tmp_path):
    path = tmp_path / "callers.json"
    path.write_text(
        json.dumps([{"caller": "auth", "key_id": "abcdef", "digest": "0" * 64}])
    )

    assert "1 keys registered" in command(
        "internal_keys", "register", "--from-file", path
    )

    path.write_text("[1]")
    with pytest.raises(CommandError, match="is not a list of"):
        command("internal_keys", "register", "--from-file", path)
