"""Ids that are unique everywhere and sort roughly by time: UUIDv7 (RFC 9562)."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7

NOBODY = UUID(int=0)  # in the place of a person who was erased


def uuid7() -> UUID:
    """Return a new UUIDv7."""
    return _uuid7()


def uuid7_time(value: UUID) -> datetime:
    """Return when *value* was made, to the millisecond (RFC 9562, section 5.7).

    Raises ValueError when it is not a UUIDv7.
    """
    if value.version != 7:
        raise ValueError("not a UUIDv7")
    return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)
