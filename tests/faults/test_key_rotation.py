"""The key of a service replaced under load, cut short, and cut short again."""

import json
import re
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.callers import callees_of, derived_key, own_secret, secret_file
from ops.errors import OpsError
from ops.platform import PROGRAMS, ROOT
from ops.rotation import is_unfinished, rotate
from tests.asking import ask, problem_of
from tests.e2e.visitors import visitor
from tests.internal_calls import DOORS, knock
from tests.journals import journal, journal_end
from tests.people import demo_account, register
from tests.records import (
    once_each,
    profiles_made_by_auth,
    query,
    readers,
    undelivered,
    welcomes,
)
from tests.waiting import wait_for

SOON_SECONDS = 4
PACE_SECONDS = 2.0  # of each load: it is the keys that are tried, not the machine
# A revoked key lives on in the caches of its callees for so long.
KNOWN_SECONDS = 15
AUTH_KNOCKS = [door for door in DOORS if door.caller == "auth"]


def keep_on(act, over):
    """Do *act* until *over*; return what it returned each time."""
    done = [act()]
    while not over.wait(PACE_SECONDS):
        done.append(act())
    return done


def sign_in_and_out(fleet):
    """Sign in at auth's admin: auth-web asks auth-web, with its own key.

    Return the address of the page that follows.
    """
    staff = demo_account(fleet, "admin")
    with visitor(fleet) as browser:
        return browser.sign_in("auth", staff.email, staff.password).url


def call_directly(fleet):
    """Call every door of auth's callees with the key in auth's file, as a script."""
    return [
        knock(
            fleet, door, key=derived_key(fleet.platform, "auth", door.callee).text
        ).status_code
        for door in AUTH_KNOCKS
    ]


def states_of(fleet, key_id):
    """Return the state of a key at each callee of auth."""
    return {
        callee: state
        for callee in callees_of("auth")
        for (state,) in query(
            fleet,
            callee,
            "SELECT state FROM peers_internalapikey WHERE key_id = ?",
            key_id,
        )
    }


def at_every_callee(state):
    return dict.fromkeys(callees_of("auth"), state)


def accepts(fleet, callee, key):
    """Does *callee* accept this key?"""
    answer = ask(
        "GET",
        f"{fleet.url(callee)}/api/v1/{callee}/internal/events",
        headers={"X-Internal-API-Key": key},
    )
    if answer.status_code != 403:
        return True
    assert problem_of(answer, 403)["code"] == "invalid_internal_key"
    return False


@pytest.mark.timeout(240)
def test_a_rotation_under_load_fails_no_call_and_ends_the_old_key(fleet):
    old = own_secret(fleet.platform, "auth")
    starts = {program: journal_end(fleet, program) for program in PROGRAMS}
    over = threading.Event()
    with ThreadPoolExecutor(3) as pool:
        registering = pool.submit(keep_on, lambda: register(fleet).id, over)
        signing_in = pool.submit(keep_on, lambda: sign_in_and_out(fleet), over)
        calling = pool.submit(keep_on, lambda: call_directly(fleet), over)
        try:
            printed = ops(fleet, "keys", "--rotate", "auth")
            # Until every cache has forgotten the old key, and a little longer.
            over.wait(KNOWN_SECONDS + 2)
        finally:
            over.set()
        people, sign_ins, calls = (
            load.result() for load in (registering, signing_in, calling)
        )

    assert printed.returncode == 0, printed.stderr
    new = own_secret(fleet.platform, "auth")
    assert new.key_id != old.key_id
    assert min(len(people), len(sign_ins), len(calls)) > 10
    assert {status for statuses in calls for status in statuses} <= {200, 201, 202}
    once = once_each(people)
    wait_for(
        lambda: (
            profiles_made_by_auth(fleet, people) == once
            and welcomes(fleet, people) == once
            and readers(fleet, people) == once
            and not undelivered(fleet)
        ),
        SOON_SECONDS,
        "profile, welcome and reader of everybody",
    )
    failed = [
        (program, entry)
        for program in PROGRAMS
        if program != "gateway"
        for entry in journal(fleet, program, start=starts[program])
        if entry["event"] == "internal key refused"
        or (entry["event"] == "call" and entry["outcome"] != "ok")
    ]
    assert failed == []
    assert set(sign_ins) == {f"{fleet.url('auth')}/admin/"}
    own_programs = {name: starts[name] for name in ("auth-web", "auth-worker")}
    assert has_reloaded(fleet, own_programs) == dict.fromkeys(own_programs, True)
    assert states_of(fleet, old.key_id) == at_every_callee("revoked")
    assert states_of(fleet, new.key_id) == at_every_callee("active")
    for callee in callees_of("auth"):
        assert not accepts(fleet, callee, old.for_callee(callee).text)
    path = secret_file(fleet.platform, "auth")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not is_unfinished(fleet.platform, "auth")


def has_reloaded(fleet, starts):
    """Say, for each program, whether it has read another secret since its start."""
    return {
        program: any(
            entry["event"] == "internal key reloaded"
            for entry in journal(fleet, program, start=start)
        )
        for program, start in starts.items()
    }


CUTS = ("New secret", "Registered", "Given", "Retiring", "Seen")


class CutShortError(Exception):
    """The rotation ends here, as by a Ctrl-C."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "cuts",
    [CUTS[1:4:2], pytest.param(CUTS, marks=[pytest.mark.long])],
    ids=["twice", "everywhere"],
)
def test_a_rotation_that_is_cut_short_goes_on_with_the_same_key(fleet, cuts):
    old = own_secret(fleet.platform, "auth")
    printed = []

    for cut in cuts:

        def say(line, cut=cut):
            printed.append(line)
            if line.startswith(cut):
                raise CutShortError

        with pytest.raises(CutShortError):
            rotate(fleet.platform, "auth", say, settled_seconds=0)
        assert is_unfinished(fleet.platform, "auth")
        assert set(call_directly(fleet)) <= {200, 201, 202}
    rotate(fleet.platform, "auth", printed.append, settled_seconds=0)

    assert "is complete" in printed[-1]
    new = own_secret(fleet.platform, "auth")
    named = re.findall(r"secret ([0-9a-z]{12})", "\n".join(printed))
    assert set(named) == {new.key_id}
    assert states_of(fleet, old.key_id) == at_every_callee("revoked")
    assert states_of(fleet, new.key_id) == at_every_callee("active")
    assert not is_unfinished(fleet.platform, "auth")


@pytest.mark.timeout(240)
def test_while_a_callee_is_away_the_old_key_is_kept(fleet, monkeypatch):
    monkeypatch.setattr("ops.rotation.SEEN_SECONDS", 1.0)
    old = own_secret(fleet.platform, "course")
    fleet.stop("user-web")

    with pytest.raises(OpsError, match=r"not seen at user .* the old one is kept"):
        rotate(fleet.platform, "course", print, settled_seconds=0)
    kept = key_states(fleet, "exercise", old.key_id)
    fleet.start("user-web")
    rotate(fleet.platform, "course", print, settled_seconds=0)

    assert kept == "retiring"
    assert key_states(fleet, "exercise", old.key_id) == "revoked"


def key_states(fleet, callee, key_id):
    printed = fleet.manage(callee, "internal_keys", "list", "--json")
    return {row["key_id"]: row["state"] for row in json.loads(printed)}[key_id]


@pytest.mark.timeout(120)
def test_two_rotations_of_one_service_do_not_meet(fleet):
    refused = []

    def say(line):
        if not refused:
            refused.append(ops(fleet, "keys", "--rotate", "exercise"))

    rotate(fleet.platform, "exercise", say, settled_seconds=0)

    assert refused[0].returncode == 1
    assert "is being rotated already" in refused[0].stderr


def test_an_unknown_service_is_refused_in_one_sentence(fleet):
    refused = ops(fleet, "keys", "--rotate", "nobody")

    assert refused.returncode == 1
    assert refused.stderr.startswith("There is no service 'nobody'")
    assert refused.stderr.count("\n") == 1


def ops(fleet, *arguments):
    """Run one command of the life cycle to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments],
        cwd=ROOT,
        env=dict(fleet.platform.environment),
        capture_output=True,
        text=True,
        timeout=120,
    )
