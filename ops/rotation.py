"""A service's internal key replaced while the platform runs, without a refused call."""

import fcntl
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.peers.keys import new_secret

from .callers import (
    callees_of,
    next_secret,
    next_secret_file,
    own_secret,
    secret_file,
    write_callers,
)
from .errors import OpsError
from .knocking import accepts_key
from .platform import SERVICES, Platform
from .prepare import manage, register_callers
from .processes import Supervisor
from .secrets import write_private

# Every process looks at its secret file within 5 s (shared/client/identity.py), and
# the longest call that it began before is over 5 s later.
SETTLED_SECONDS = 15.0
SEEN_SECONDS = 60.0
RECORD_FILE = "rotation.json"

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Record:
    """What a rotation must remember until it is over; no secret is in it."""

    new: str
    old: tuple[str, ...]


def rotate(
    platform: Platform,
    caller: str,
    say: Say,
    *,
    settled_seconds: float = SETTLED_SECONDS,
) -> None:
    """Replace the internal key of *caller*; go on where an earlier run was cut short.

    At every moment the key that a process of *caller* shows is accepted everywhere:
    the new one is registered before anybody has it, the old one is revoked after
    nobody shows it any more.
    """
    _require(platform, caller)
    with _only_one(platform, caller):
        record = _begin(platform, caller, say)
        callees = callees_of(caller)
        if next_secret(platform, caller) is not None:
            write_callers(platform)
            register_callers(platform, callees)
            say(f"Registered with {', '.join(callees)}.")
            next_secret_file(platform, caller).replace(secret_file(platform, caller))
            write_callers(platform)
            say(f"Given to {caller}.")
        _change_old(platform, record, callees, "retire")
        say(f"Retiring: {', '.join(record.old)}. Every process of {caller} looks …")
        time.sleep(settled_seconds)
        _wait_until_used(platform, caller, record, callees)
        say(f"Seen in use at {', '.join(callees)}.")
        _change_old(platform, record, callees, "revoke", "--force")
        _record_file(platform, caller).unlink()
        say(f"Revoked: {', '.join(record.old)}. The rotation of {caller} is complete.")


def is_unfinished(platform: Platform, caller: str) -> bool:
    """Was a rotation of *caller* begun and not ended?"""
    return (
        _record_file(platform, caller).is_file()
        or next_secret_file(platform, caller).is_file()
    )


def _require(platform: Platform, caller: str) -> None:
    if caller not in SERVICES:
        raise OpsError(
            f"There is no service {caller!r}; there are {', '.join(SERVICES)}."
        )
    for name in ("INTERNAL_API_KEY", "INTERNAL_API_KEY_FILE"):
        if platform.environment.get(name):
            raise OpsError(
                f"{name} is set: the services do not read the files under "
                f"{platform.var}. Unset it, or rotate where it is set."
            )
    Supervisor(platform).pid()  # refuses when the platform does not run


@contextmanager
def _only_one(platform: Platform, caller: str) -> Iterator[None]:
    with (platform.var / caller / ".rotation.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OpsError(f"The key of {caller} is being rotated already.") from error
        yield


def _begin(platform: Platform, caller: str, say: Say) -> _Record:
    """Return the rotation to do, written down before anything else knows of it."""
    earlier = _read_record(platform, caller)
    current, new = own_secret(platform, caller), next_secret(platform, caller)
    if earlier and new is None and current.key_id == earlier.new:
        say(f"Going on: {caller} has the new secret {earlier.new} already.")
        return earlier
    if new is None:
        new = new_secret()
        write_private(next_secret_file(platform, caller), new.text + "\n")
        say(f"New secret {new.key_id} made.")
    else:
        say(f"Going on with the new secret {new.key_id}.")
    old = {current.key_id, *((earlier.new, *earlier.old) if earlier else ())}
    record = _Record(new.key_id, tuple(sorted(old - {new.key_id})))
    text = json.dumps({"new": record.new, "old": record.old}) + "\n"
    write_private(_record_file(platform, caller), text)
    return record


def _read_record(platform: Platform, caller: str) -> _Record | None:
    path = _record_file(platform, caller)
    if not path.is_file():
        return None
    read = json.loads(path.read_text())
    return _Record(read["new"], tuple(read["old"]))


def _record_file(platform: Platform, caller: str) -> Path:
    return platform.var / caller / RECORD_FILE


def _change_old(
    platform: Platform, record: _Record, callees: Iterable[str], *command: str
) -> None:
    """Run *command* on the old keys, at each callee on those that it knows."""

    def change(callee: str) -> None:
        verb, *options = command
        arguments = [verb, *record.old, "--missing-ok", *options]
        manage(platform, callee, "internal_keys", *arguments)

    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        list(pool.map(change, callees))


def _wait_until_used(
    platform: Platform,
    caller: str,
    record: _Record,
    callees: Iterable[str],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return when every callee has seen the new key.

    One that *caller* has had no reason to call meanwhile is asked from here.
    """
    give_up_at = clock() + SEEN_SECONDS
    unseen = _unseen(platform, record, callees)
    while unseen:
        answers = {name: accepts_key(platform, caller, name) for name in unseen}
        refusing = [name for name, accepts in answers.items() if accepts is False]
        if refusing:
            raise OpsError(
                f"The new key of {caller} is refused by {', '.join(refusing)}; the old "
                f"one is kept. `make restart`, then `make keys ROTATE={caller}` again."
            )
        unseen = _unseen(platform, record, unseen)
        if unseen and clock() > give_up_at:
            raise OpsError(
                f"The new key of {caller} was not seen at {', '.join(unseen)} within "
                f"{SEEN_SECONDS:.0f} s; the old one is kept. See `make status`, then "
                f"`make keys ROTATE={caller}` again."
            )


def _unseen(platform: Platform, record: _Record, callees: Iterable[str]) -> list[str]:
    def is_unseen(callee: str) -> bool:
        return not _keys_at(platform, callee)[record.new]["last_used_at"]

    names = list(callees)
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as pool:
        answers = pool.map(is_unseen, names)
    return [name for name, unseen in zip(names, answers, strict=True) if unseen]


def _keys_at(platform: Platform, callee: str) -> dict[str, dict]:
    printed = manage(platform, callee, "internal_keys", "list", "--json")
    return {row["key_id"]: row for row in json.loads(printed)}
