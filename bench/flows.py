"""What people notice of the whole platform: delays, and the gateway's share."""

import contextlib
import http.client
import json
import sqlite3
import statistics
import threading
import time
import uuid
from datetime import datetime

from shared.testing.fleet import Fleet

from .rows import Row, print_rows
from .timing import percentile

REGISTRATIONS = 60
READS, THREADS = 1500, 4


def main() -> None:
    """Measure on a fleet and print the rows."""
    generous = {
        "GATEWAY_RATE": "100000",
        "GATEWAY_BURST": "100000",
        "AUTH_ADDRESS_RATE": "100000",
    }
    with Fleet(environment=generous) as fleet:
        print_rows([*_delays(fleet), *_gateway(fleet)])


def _delays(fleet: Fleet) -> list[Row]:
    ids = []
    for _ in range(REGISTRATIONS):
        ids.append(_register(fleet))
        time.sleep(0.05)
    time.sleep(2)
    seconds = [_seconds_until_effect(fleet, user_id) for user_id in ids]
    milliseconds = [value * 1000 for value in seconds]
    return [
        Row("commit → effect, p50", percentile(milliseconds, 50), "ms", 25),
        Row("commit → effect, p99", percentile(milliseconds, 99), "ms", 500),
    ]


def _register(fleet: Fleet) -> str:
    body = {
        "email": f"{uuid.uuid4().hex}@example.org",
        "password": "correct-horse-battery",
        "full_name": "Ana",
    }
    status, answer = _send(
        fleet.gateway_url, "POST", "/api/v1/auth/register", json.dumps(body)
    )
    if status != 201:
        raise SystemExit(f"a registration answered {status}")
    return answer["user"]["id"]


def _send(url: str, method: str, path: str, body: str) -> tuple[int, dict]:
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    with contextlib.closing(connection):
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def _seconds_until_effect(fleet: Fleet, user_id: str) -> float:
    sent = _one(
        fleet.database("auth"),
        "SELECT created_at FROM outbox_outboxmessage "
        "WHERE destination = 'user' AND ordering_key = ? ORDER BY position",
        user_id,
    )
    made = _one(
        fleet.database("user"),
        "SELECT created_at FROM profiles_profile WHERE user_id = ?",
        uuid.UUID(user_id).hex,
    )
    return (datetime.fromisoformat(made) - datetime.fromisoformat(sent)).total_seconds()


def _one(database: str, query: str, value: str) -> str:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, (value,)).fetchone()[0]


def _gateway(fleet: Fleet) -> list[Row]:
    path = "/api/v1/auth/.well-known/jwks.json"
    addresses = {"direct": fleet.url("auth"), "gateway": fleet.gateway_url}
    p50: dict[str, list[float]] = {name: [] for name in addresses}
    rate: dict[str, list[float]] = {name: [] for name in addresses}
    for _ in range(3):
        for name, url in addresses.items():
            times, seconds = _load(url, path)
            p50[name].append(percentile(times, 50))
            rate[name].append(READS / seconds)
    middle = {name: statistics.median(values) for name, values in p50.items()}
    speed = {name: statistics.median(values) for name, values in rate.items()}
    return [
        Row(
            "through the gateway against direct, p50",
            middle["gateway"] / middle["direct"],
            "ratio",
            1.3,
        ),
        Row(
            "through the gateway against direct, throughput",
            speed["gateway"] / speed["direct"],
            "ratio",
            0.8,
            is_most=False,
        ),
    ]


def _load(url: str, path: str) -> tuple[list[float], float]:
    times: list[float] = []
    threads = [
        threading.Thread(target=_read, args=(url, path, READS // THREADS, times))
        for _ in range(THREADS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, time.perf_counter() - began


def _read(url: str, path: str, count: int, times: list[float]) -> None:
    host, port = url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    with contextlib.closing(connection):
        for _ in range(count):
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{path} answered {answer.status}")
            times.append(time.perf_counter() - began)


if __name__ == "__main__":
    main()
