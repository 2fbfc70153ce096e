"""The people of a fresh platform: known before they have accounts, with a past."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

HOUR = 12  # in UTC: 19:00 in Vietnam, the same calendar day from UTC-12 to UTC+11
LONGEST_EVENING = timedelta(hours=2)


class DemoPerson(NamedTuple):
    """Somebody to try the platform with.

    The id is fixed because services are set up at the same time: course-service needs
    an author for its courses before auth-service has made the account.
    """

    id: UUID
    email: str
    name: str


DEMO_INSTRUCTOR = DemoPerson(
    UUID("01900000-0000-7000-8000-000000000001"), "instructor@demo.ielts", "Ian Wright"
)
LAN = DemoPerson(
    UUID("01900000-0000-7000-8000-000000000002"), "learner@demo.ielts", "Lan Pham"
)
MINH = DemoPerson(
    UUID("01900000-0000-7000-8000-000000000003"), "minh@demo.ielts", "Minh Tran"
)
SOFIA = DemoPerson(
    UUID("01900000-0000-7000-8000-000000000004"), "sofia@demo.ielts", "Sofia Rossi"
)
DEMO_LEARNERS = (LAN, MINH, SOFIA)


def demo_evening(evenings_ago: int, *, now: datetime) -> datetime:
    """Return when an evening of study began; 0 is the last that is over by *now*.

    *now* is aware and in UTC.
    """
    noon = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    is_over = noon + LONGEST_EVENING <= now
    return noon - timedelta(days=evenings_ago if is_over else evenings_ago + 1)
