"""The doctor: is everything well, and if not, what."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .callers import derived_key
from .checks import LEAST_FREE_MEGABYTES, free_megabytes
from .errors import NotRunningError, OpsError
from .platform import PROGRAMS, SERVICES, Platform
from .prepare import run_module
from .processes import Supervisor
from .readiness import answers

# A message that waits longer is worth a look: recovery is promised within 10 s.
OLD_SECONDS = 60
_INVALID_KEY = "forbidden: invalid internal key"
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


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
        detail = info["description"] if is_running else info["statename"].lower()
        if is_running and not is_ready:
            detail += "; does not answer its health check"
        findings.append(Finding(name, is_ready, detail))
    return findings


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
        _keys(platform, service),
    ]


def _migrations(service: str, unapplied: list[str]) -> Finding:
    subject = f"{service} migrations"
    if unapplied:
        return Finding(subject, False, f"not applied: {', '.join(unapplied)}")
    return Finding(subject, True, "all applied")


def _outbox(service: str, destinations: list[dict]) -> Finding:
    pending = sum(row["pending"] for row in destinations)
    dead = sum(row["dead"] for row in destinations)
    oldest = max(
        (row["oldest_pending_seconds"] or 0 for row in destinations), default=0
    )
    away = [
        f"{row['destination']}: {row['state']}"
        for row in destinations
        if row["state"] not in ("", "up")
    ]
    detail = f"{pending} waiting, the oldest for {oldest:.0f} s, {dead} dead letters"
    return Finding(
        f"{service} outbox",
        not dead and oldest < OLD_SECONDS,
        "; ".join([detail, *away]),
    )


def _keys(platform: Platform, caller: str) -> Finding:
    refused, away = [], []
    for callee in SERVICES:
        if callee == caller:
            continue
        accepts = _accepts_key(platform, caller, callee)
        if accepts is None:
            away.append(callee)
        elif not accepts:
            refused.append(callee)
    subject = f"{caller} internal key"
    if refused:
        detail = f"refused by {', '.join(refused)}: `make stop start` registers it"
        return Finding(subject, False, detail)
    if away:
        return Finding(subject, False, f"not tried, away: {', '.join(away)}")
    return Finding(subject, True, "accepted by every peer")


def _accepts_key(platform: Platform, caller: str, callee: str) -> bool | None:
    """Show the key of *caller* to *callee*; None when it does not answer.

    The key is checked before the method, so a GET to the events endpoint changes
    nothing and still tells a good key from a bad one.
    """
    request = urllib.request.Request(
        f"{platform.url(callee)}/api/v1/{callee}/internal/events",
        headers={"X-Internal-API-Key": derived_key(platform, caller, callee).text},
    )
    try:
        with _opener.open(request, timeout=3):
            return True
    except urllib.error.HTTPError as answer:
        if answer.code >= 500:
            return None
        return not (answer.code == 403 and _INVALID_KEY in answer.read().decode())
    except OSError:
        return None


def _disk(platform: Platform) -> Finding:
    free = free_megabytes(platform)
    return Finding("disk", free >= LEAST_FREE_MEGABYTES, f"{free} MB free")
