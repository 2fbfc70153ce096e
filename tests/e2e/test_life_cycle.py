"""The platform from its first start to its last process, as a person runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ops.breakers import BreakerState, breakers_of
from ops.callers import secret_file
from ops.platform import PROGRAMS, ROOT, platform_from
from ops.processes import Supervisor, session_members
from ops.readiness import answers
from shared.peers.keys import new_secret
from shared.testing.fleet import outer_environment, reserved_ports
from tests.people import register
from tests.records import undelivered
from tests.waiting import wait_for

# Twice what is promised: machines that run tests are shared.
SECOND_START_SECONDS = 2 * 15


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """A platform that is described and not started; it keeps its data in between."""
    folder = tmp_path_factory.mktemp("platform")
    with ExitStack() as exits:
        yield platform_from(
            outer_environment() | {"PLATFORM_VAR": str(folder)} | reserved_ports(exits)
        )


def ops(platform, *arguments):
    """Run one command of the life cycle to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=ROOT,
        env=dict(platform.environment),
        capture_output=True,
        text=True,
        timeout=120,
    )


@contextmanager
def running(platform):
    """Run the platform as `make run` does, up to its banner; give what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", "run"],
        cwd=ROOT,
        env=dict(platform.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # As from a terminal: Ctrl-C reaches the whole group of the foreground process.
        start_new_session=True,
    )
    try:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if "Ctrl-C stops everything" in line:
                break
        yield process, "".join(printed)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)


def test_from_an_empty_folder_to_the_banner_and_back_to_no_process(platform):
    with running(platform) as (process, printed):
        assert process.poll() is None, printed
        session = Supervisor(platform).pid()
        states = Supervisor(platform).programs()
        assert {name: states[name]["statename"] for name in PROGRAMS} == dict.fromkeys(
            PROGRAMS, "RUNNING"
        )
        assert len(session_members(session)) > len(PROGRAMS)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)

    assert process.returncode == 0
    assert session_members(session) == []
    assert platform.gateway_url in printed
    for address in (platform.url("auth"), "admin@demo", "curl -s"):
        assert address in printed


def test_a_second_start_is_quick_and_a_third_beside_it_is_refused(platform):
    began = time.monotonic()
    with running(platform) as (process, printed):
        seconds = time.monotonic() - began
        assert process.poll() is None, printed

        refused = ops(platform, "run")

    assert seconds < SECOND_START_SECONDS
    assert refused.returncode == 1
    assert "already running in this folder" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_ctrl_c_in_the_first_moment_is_answered_without_a_traceback(platform, number):
    with subprocess.Popen(
        [sys.executable, "-m", "ops", "run"],
        cwd=ROOT,
        env=dict(platform.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        # The first handler that is not Python's own: before the slow imports.
        wait_for(lambda: catches(process.pid, signal.SIGHUP), 30, "a signal handler")
        os.killpg(process.pid, number)
        printed, _ = process.communicate(timeout=60)

    assert "Traceback" not in printed
    # 130 when the imports were over already.
    assert process.returncode in (128 + number, 130)
    assert session_members(process.pid) == []


def catches(pid, number):
    """Has the process a handler for this signal?"""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = status.partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (number - 1) & 1)


@pytest.mark.parametrize("seconds", [0.5, 2, 4])
def test_ctrl_c_during_the_start_leaves_no_process(platform, seconds):
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", "run"],
        cwd=ROOT,
        env=dict(platform.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    # At any moment of the start: nothing says when one of them has come.
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=60)

    assert "Traceback" not in printed
    assert not Supervisor(platform).is_running()
    assert [name for name in PROGRAMS if answers(platform.health_url(name))] == []
    assert session_members(process.pid) == []


def test_a_taken_port_is_one_sentence(platform):
    port = platform.ports["COURSE_PORT"]
    with socket.create_server(("127.0.0.1", port)):
        refused = ops(platform, "run")

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"Port {port} (COURSE_PORT) is already in use" in refused.stderr


def test_in_the_background_the_doctor_sees_what_is_well_and_what_is_not(platform):
    assert ops(platform, "start").returncode == 0
    try:
        well = ops(platform, "status")
        ops(platform, "stop", "--service", "course-worker")
        unwell = ops(platform, "status")
        restarted = ops(platform, "restart", "--service", "course")
        well_again = ops(platform, "status", "--service", "course")
    finally:
        stopped = ops(platform, "stop")

    assert well.returncode == 0, well.stdout
    assert "All well." in well.stdout
    assert unwell.returncode == 1
    bad = [line for line in unwell.stdout.splitlines() if " BAD " in line]
    assert [line.split()[0] for line in bad] == ["course-worker"]
    assert restarted.returncode == 0, restarted.stderr
    assert well_again.returncode == 0, well_again.stdout
    assert stopped.returncode == 0
    assert not Supervisor(platform).is_running()


def test_the_doctor_names_a_paused_destination_and_an_open_breaker(fleet):
    url = fleet.url("user")
    fleet.manage("auth", "outbox", "pause", "course", "--reason", "being moved")
    fleet.stop("user-web")
    register(fleet)
    try:
        # Asking the doctor costs a process per service: first what costs nothing.
        wait_for(lambda: open_breakers(fleet, "auth"), 60, "an open breaker")
        unwell = wait_for(
            lambda: (
                found := doctor(fleet),
                f"auth-worker: open to user at {url}" in found and found,
            )[1],
            60,
            "an open breaker in auth-worker",
        )
    finally:
        fleet.start("user-web")
        fleet.manage("auth", "outbox", "resume", "course")
    wait_for(lambda: not undelivered(fleet), 60, "nothing left to deliver")
    wait_for(lambda: not open_breakers(fleet, "auth"), 60, "no open breaker")
    well_again = wait_for(
        lambda: (found := doctor(fleet), "All well." in found and found)[1],
        60,
        "a platform that is well again",
    )

    outbox = next(line for line in unwell.splitlines() if "auth outbox" in line)
    assert " BAD " in outbox
    assert "course is paused: `auth_project/manage.py outbox resume course`" in outbox
    assert "user-web" in unwell
    assert "`make start SERVICE=user-web` starts it" in unwell
    assert "paused" not in well_again


def open_breakers(fleet, service):
    """Return the breakers of *service* that are open: the doctor names them."""
    seen = breakers_of(fleet.platform, service).not_closed
    return [breaker for breaker in seen if breaker.state is BreakerState.OPEN]


def doctor(fleet):
    """Return what `make status` prints."""
    return ops(fleet.platform, "status").stdout


def test_a_secret_that_was_replaced_by_hand_is_registered_by_a_restart(fleet):
    path = secret_file(fleet.platform, "course")
    old = path.read_text()
    path.write_text(new_secret().text + "\n")
    refused = doctor(fleet)

    restarted = ops(fleet.platform, "restart", "--service", "course")

    assert "`make keys` registers it" in refused
    assert restarted.returncode == 0, restarted.stderr
    assert path.read_text() != old
    assert "course internal key          ok" in doctor(fleet)


def test_stopping_what_does_not_run_says_so(platform):
    refused = ops(platform, "stop")

    assert refused.returncode == 1
    assert "is not running in this folder" in refused.stderr


@pytest.mark.parametrize("program", ["auth-web", "auth-worker", "gateway"])
def test_a_crashed_process_is_started_again(fleet, program):
    before = fleet.kill(program)

    fleet.wait_until_ready(program)

    assert fleet.pid(program) != before


def test_a_hung_process_does_not_keep_the_platform_from_ending(platform):
    with running(platform) as (process, printed):
        assert process.poll() is None, printed
        session = Supervisor(platform).pid()
        os.killpg(Supervisor(platform).program("user-web")["pid"], signal.SIGSTOP)
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)

    assert session_members(session) == []
