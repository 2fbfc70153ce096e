"""The mails that people get, as auth-service writes them to files."""

import re

from shared.testing.fleet import Fleet

from .people import Person
from .waiting import wait_for

MAIL_SECONDS = 15
CODE = re.compile(r"^ +(\d{8})$", re.MULTILINE)


def mails_to(fleet: Fleet, person: Person) -> list[str]:
    """Return the mails to this person, oldest first."""
    folder = fleet.platform.var / "auth" / "mail"
    # Two mails within a second may share a file.
    texts = [
        text
        for path in sorted(folder.glob("*"))
        for text in path.read_text().split(f"{'-' * 79}\n")
    ]
    return [text for text in texts if f"To: {person.email}" in text]


def mailed_code(fleet: Fleet, person: Person) -> str:
    """Return the code in the mail that this person got."""

    def look():
        found = [CODE.search(text) for text in mails_to(fleet, person)]
        return found and found[0]

    return wait_for(look, MAIL_SECONDS, "a mail with a code")[1]
