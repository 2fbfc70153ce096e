"""What a call costs its caller: CPU per call, beside requests, httpx and urllib3."""

import json

import django
import httpx
import requests
import urllib3

from .peer import trivial_peer
from .rows import Row, print_rows
from .timing import cpu_microseconds

CALLS, ROUNDS = 1000, 5


def main() -> None:
    """Measure and print the rows."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with trivial_peer() as url:
        settings.PEERS["user"] = [url]
        print_rows([*_calls(url), _refused_call(), _key_check(), *_later()])


def _calls(url: str) -> list[Row]:
    from shared.contracts.user import CreateProfile, create_profile
    from shared.wire.ids import uuid7

    user_id = uuid7()
    message = CreateProfile(
        user_id=user_id, email="ana@example.org", role="student", full_name="Ana"
    )
    body = {
        "user_id": str(user_id),
        "email": "ana@example.org",
        "role": "student",
        "full_name": "Ana",
        "target_band": None,
    }
    address = url + "/api/v1/user/internal/profile/create"
    headers = {"X-Internal-API-Key": "key", "Idempotency-Key": str(uuid7())}
    default, untrusting, pool = requests.Session(), requests.Session(), None
    untrusting.trust_env = False
    pool = urllib3.PoolManager()
    client = httpx.Client()
    plain = {"headers": headers, "timeout": 1}
    cpu = cpu_microseconds(
        {
            ".now()": lambda: create_profile.now(message),
            "requests": lambda: default.post(address, json=body, **plain).json(),
            "requests, trust_env off": lambda: untrusting.post(
                address, json=body, **plain
            ).json(),
            "httpx": lambda: client.post(address, json=body, **plain).json(),
            "urllib3": lambda: pool.request(
                "POST", address, body=json.dumps(body), headers=headers, timeout=1
            ).json(),
        },
        calls=CALLS,
        rounds=ROUNDS,
    )
    ours = cpu[".now()"]
    limits = {"requests": 0.60, "requests, trust_env off": 0.85, "httpx": 1.0}
    rows = [Row("`.now()`, CPU per call", ours, "µs")]
    rows += [
        Row(
            f"`.now()` against a bare {name}",
            ours / microseconds,
            "ratio",
            limits.get(name),
            note=f"{microseconds:.0f} µs",
        )
        for name, microseconds in cpu.items()
        if name != ".now()"
    ]
    return rows


def _refused_call() -> Row:
    from shared.client.breaker import Permit
    from shared.client.discovery import directory
    from shared.client.outcomes import Breaker
    from shared.contracts.auth import GetAccount, get_account
    from shared.wire.errors import CircuitOpen
    from shared.wire.ids import uuid7

    message = GetAccount(user_id=uuid7())
    breaker = directory.peer("auth").instances[0].breaker
    while isinstance(permit := breaker.acquire(), Permit):
        breaker.record(permit, Breaker.FAILURE)

    def refused() -> None:
        try:
            get_account.now(message)
        except CircuitOpen:
            return
        raise AssertionError("the breaker let a call through")

    # Fewer than the open time allows: a half-open breaker would let a probe through.
    cpu = cpu_microseconds({"refused": refused}, calls=500, rounds=3)
    return Row("a refused call, breaker open", cpu["refused"], "µs", 100)


def _key_check() -> Row:
    from shared.peers.checking import KeyChecker
    from shared.peers.issuing import issue_key

    key, checker = issue_key("auth", note="bench"), KeyChecker()
    cpu = cpu_microseconds(
        {"key": lambda: checker.caller_of(key)}, calls=5000, rounds=5
    )
    return Row("key check, warm", cpu["key"], "µs", 60)


def _later() -> list[Row]:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from shared.contracts.notification import SendNotice, send_notice
    from shared.wire.ids import uuid7

    notice = SendNotice(user_id=uuid7(), type="system", template="welcome")
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        send_notice.later(notice)
    return [Row("`.later()`, queries", len(queries), "", 1, note="one INSERT")]


if __name__ == "__main__":
    main()
