"""A lock that ends with the transaction, by name."""

import hashlib

from django.db import connection


def _lock_number(parts: tuple[str, ...]) -> int:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def lock_in_transaction(*parts: str) -> None:
    """Wait until no other transaction holds the lock that *parts* name.

    An advisory lock on PostgreSQL. SQLite needs none: a transaction is IMMEDIATE and
    the only writer.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_number(parts)])


def try_lock_in_transaction(*parts: str) -> bool:
    """Take the lock that *parts* name, or return False when another holds it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_lock_number(parts)])
        return bool(cursor.fetchone()[0])
