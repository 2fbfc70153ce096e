"""The doctor: is everything well, and if not, what."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .breakers import Breakers, BreakerState, breakers_of
from .callers import callees_of
from .checks import LEAST_FREE_MEGABYTES, free_megabytes
from .errors import NotRunningError, OpsError
from .knocking import accepts_key
from .platform import PROGRAMS, SERVICES, Platform
from .prepare import run_module
from .processes import Supervisor
from .readiness import answers
from .rotation import is_unfinished

# A message that waits longer is worth a look: recovery is promised within 10 s.
OLD_SECONDS = 60


@dataclass(frozen=True)
class Finding:
    """One line of the table."""

    subject: str
    is_well: bool
    detail: str


def examine(platform: Platform, programs: Iterable[str] = PROGRAMS) -> int:
    """Print what is well and what is not; return 1 when something is not."""
    findings = [*_processes(platform, programs)]
    services = [name for name in SERVICES if f"{name}-web" in set(programs)]
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        for of_service in pool.map(lambda name: _service(platform, name), services):
            findings += of_service
    findings.append(_disk(platform))
    for finding in findings:
        state = "ok" if finding.is_well else "BAD"
        print(f"{finding.subject:<28} {state:<4} {finding.detail}".rstrip())
    bad = [finding for finding in findings if not finding.is_well]
    print(
        f"\n{len(bad)} of {len(findings)} findings are bad." if bad else "\nAll well."
    )
    return 1 if bad else 0


def _processes(platform: Platform, programs: Iterable[str]) -> list[Finding]:
    try:
        states = Supervisor(platform).programs()
    except NotRunningError as error:
        return [Finding("platform", False, str(error))]
    findings = []
    for name in programs:
        info = states[name]
        is_running = info["statename"] == "RUNNING"
        is_ready = is_running and answers(platform.health_url(name))
        detail = info["description"] if is_running else _not_running(name, info)
        if is_running and not is_ready:
            detail += (
                "; does not answer its health check: see "
                f"{platform.log / name}.log, then `make restart SERVICE={name}`"
            )
        findings.append(Finding(name, is_ready, detail))
    return findings


def _not_running(name: str, info: dict) -> str:
    state = info["statename"].lower()
    if state in ("stopped", "exited", "fatal"):
        return f"{state}: `make start SERVICE={name}` starts it"
    return state


def _service(platform: Platform, service: str) -> list[Finding]:
    try:
        printed = run_module(
            platform,
            ["ops.service_examination"],
            platform.service_environment(service),
            f"{service} could not be examined",
        )
    except OpsError as error:
        return [Finding(service, False, str(error))]
    seen = json.loads(printed.strip().splitlines()[-1])
    return [
        _migrations(service, seen["unapplied"]),
        _outbox(service, seen["outbox"]),
        _breakers(service, breakers_of(platform, service)),
        _keys(platform, service),
    ]


def _migrations(service: str, unapplied: list[str]) -> Finding:
    subject = f"{service} migrations"
    if unapplied:
        detail = f"not applied: {', '.join(unapplied)}: `make restart` applies them"
        return Finding(subject, False, detail)
    return Finding(subject, True, "all applied")


def _outbox(service: str, destinations: list[dict]) -> Finding:
    pending = sum(row["pending"] for row in destinations)
    dead = sum(row["dead"] for row in destinations)
    oldest = max(
        (row["oldest_pending_seconds"] or 0 for row in destinations), default=0
    )
    about = [
        *(
            f"{row['destination']}: {row['state']}"
            for row in destinations
            if row["state"] not in ("", "up")
        ),
        *(
            f"{row['destination']} is paused: `{service}_project/manage.py outbox "
            f"resume {row['destination']}` goes on"
            for row in destinations
            if row["is_paused"]
        ),
    ]
    if dead:
        about.append(f"see the dead letters in the admin of {service}")
    is_paused = any(row["is_paused"] for row in destinations)
    detail = f"{pending} waiting, the oldest for {oldest:.0f} s, {dead} dead letters"
    return Finding(
        f"{service} outbox",
        not dead and not is_paused and oldest < OLD_SECONDS,
        "; ".join([detail, *about]),
    )


def _breakers(service: str, seen: Breakers) -> Finding:
    """An open breaker is bad; a half open one lets the next calls try."""
    about = [
        f"{row.program}: {row.state.name.lower().replace('_', ' ')} to {row.peer} "
        f"at {row.instance}"
        for row in seen.not_closed
    ]
    about += [f"{program} shows none" for program in seen.unread]
    is_open = any(row.state is BreakerState.OPEN for row in seen.not_closed)
    if is_open:
        about.append("it closes by itself when the peer answers again")
    return Finding(f"{service} breakers", not is_open, "; ".join(about) or "all closed")


def _keys(platform: Platform, caller: str) -> Finding:
    refused, away = [], []
    for callee in callees_of(caller):
        accepts = accepts_key(platform, caller, callee)
        if accepts is None:
            away.append(callee)
        elif not accepts:
            refused.append(callee)
    subject = f"{caller} internal key"
    if refused:
        detail = f"refused by {', '.join(refused)}: `make keys` registers it"
        return Finding(subject, False, detail)
    if away:
        return Finding(subject, False, f"not tried, away: {', '.join(away)}")
    if is_unfinished(platform, caller):
        detail = f"a rotation is not complete: `make keys ROTATE={caller}` goes on"
        return Finding(subject, True, detail)
    return Finding(subject, True, "accepted by every peer")


def _disk(platform: Platform) -> Finding:
    free = free_megabytes(platform)
    is_enough = free >= LEAST_FREE_MEGABYTES
    advice = "" if is_enough else f": free some, {LEAST_FREE_MEGABYTES} are needed"
    return Finding("disk", is_enough, f"{free} MB free{advice}")
