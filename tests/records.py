"""What the services have stored, read from their databases from outside."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from uuid import UUID

import psycopg

from shared.testing.fleet import Fleet


def query(fleet: Fleet, service: str, sql: str, *values: object) -> list[tuple]:
    """Return the rows that *sql*, with ? for values, selects at *service*."""
    with closing(_connect(fleet, service)) as connection:
        return connection.execute(_dialect(connection, sql), values).fetchall()


def execute(fleet: Fleet, service: str, sql: str, *values: object) -> int:
    """Change rows of *service* behind its back; return how many."""
    with closing(_connect(fleet, service)) as connection, connection:
        return connection.execute(_dialect(connection, sql), values).rowcount


def _connect(fleet: Fleet, service: str) -> sqlite3.Connection | psycopg.Connection:
    database = fleet.database(service)
    if database.startswith("postgres"):
        return psycopg.connect(database)
    return sqlite3.connect(database, timeout=20)


def _dialect(connection: sqlite3.Connection | psycopg.Connection, sql: str) -> str:
    return sql if isinstance(connection, sqlite3.Connection) else sql.replace("?", "%s")


def accounts(fleet: Fleet) -> dict[str, str]:
    """Return the ids of all accounts by e-mail address."""
    rows = query(fleet, "auth", "SELECT email, id FROM accounts_account")
    return {email: _id(id_) for email, id_ in rows}


def profiles_made_by_auth(fleet: Fleet, ids: Iterable[str]) -> Counter[str]:
    """Count, by user, the profiles that the internal call has made.

    A profile that its owner edited before the call came has no registered_at yet.
    """
    return _per_user(
        fleet,
        "user",
        "SELECT user_id FROM profiles_profile WHERE registered_at IS NOT NULL",
        ids,
    )


def welcomes(fleet: Fleet, ids: Iterable[str]) -> Counter[str]:
    """Count, by user, the welcome notices."""
    return _per_user(
        fleet,
        "notification",
        "SELECT user_id FROM notices_notice WHERE template = 'welcome'",
        ids,
    )


def readers(fleet: Fleet, ids: Iterable[str]) -> Counter[str]:
    """Count, by user, what notification-service learnt from the event."""
    return _per_user(
        fleet,
        "notification",
        "SELECT user_id FROM notices_reader WHERE registered_at IS NOT NULL",
        ids,
    )


def undelivered(fleet: Fleet, service: str = "auth") -> list[tuple]:
    """Return the messages of *service* that are pending or dead."""
    return query(
        fleet,
        service,
        "SELECT type, destination, state, last_error FROM outbox_outboxmessage "
        "WHERE state IN ('pending', 'dead')",
    )


def once_each(ids: Iterable[str]) -> Counter[str]:
    """Return what a count by user must be when everybody has exactly one."""
    return Counter(dict.fromkeys(ids, 1))


def _per_user(fleet: Fleet, service: str, sql: str, ids: Iterable[str]) -> Counter[str]:
    wanted = set(ids)
    found = (_id(user_id) for (user_id,) in query(fleet, service, sql))
    return Counter(user_id for user_id in found if user_id in wanted)


def _id(value: str | UUID) -> str:
    """Return an id as the API writes it; SQLite keeps it without hyphens."""
    return str(UUID(str(value)))
