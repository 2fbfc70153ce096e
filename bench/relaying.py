"""How fast one relay process empties an outbox, and what it costs when idle."""

import argparse
import threading
import time

import django

from .peer import trivial_peer
from .rows import Row, print_rows

MESSAGES = 3000
KEYS = 500
IDLE_SECONDS = 5.0


def main() -> None:
    """Measure on the database of DATABASE_URL and print the rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--least", type=float, required=True)
    options = parser.parse_args()
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with trivial_peer() as url:
        settings.PEERS["user"] = [url]
        _fill()
        print_rows(
            [
                Row(
                    f"relay throughput, one process, {options.database}",
                    _rate(),
                    "deliveries/s",
                    options.least,
                    is_most=False,
                ),
                Row(
                    f"idle relay, {options.database}", _idle_queries(), "queries/s", 2.0
                ),
            ]
        )


def _fill() -> None:
    from django.db import transaction

    from shared.contracts.user import CreateProfile, create_profile
    from shared.wire.ids import uuid7

    users = [uuid7() for _ in range(KEYS)]
    with transaction.atomic():
        for number in range(MESSAGES):
            create_profile.later(
                CreateProfile(
                    user_id=users[number % KEYS],
                    email="ana@example.org",
                    role="student",
                )
            )


def _rate() -> float:
    from shared.outbox.models import OutboxMessage
    from shared.outbox.relay import Relay

    relay = Relay()
    thread = threading.Thread(target=relay.run)
    began = time.monotonic()
    thread.start()
    while OutboxMessage.objects.pending().exists():
        if time.monotonic() - began > 120:
            break
        time.sleep(0.05)
    seconds = time.monotonic() - began
    left = OutboxMessage.objects.pending().count()
    relay.stop()
    thread.join()
    return (MESSAGES - left) / seconds


def _idle_queries() -> float:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from shared.outbox.relay import Relay

    counts: list[int] = []

    def run() -> None:
        with CaptureQueriesContext(connections["default"]) as queries:
            relay.run()
        counts.append(len(queries))

    relay = Relay()
    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(IDLE_SECONDS)
    relay.stop()
    thread.join()
    # Finding its lanes at the start is not idling.
    return max(0, counts[0] - 3) / IDLE_SECONDS


if __name__ == "__main__":
    main()
