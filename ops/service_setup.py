"""One service's database made ready, in one process: python -m ops.service_setup."""

import os
import sys
from types import MappingProxyType

import django
from django.conf import settings
from django.core.management import call_command

# What a fresh platform has to show; what a command made before stays as it is.
CONTENT = MappingProxyType({"course": "load_courses", "exercise": "load_exercises"})
WITH_HISTORY = ("user", "course", "exercise")


def main(callers_file: str) -> None:
    """Make the database ready, and what a fresh platform is tried out with.

    Prints the demo accounts, for auth. DEMO_HISTORY=0 leaves out what the demo learners
    have done: it is told to the other services like everything that learners do.
    """
    make_ready(callers_file)
    if settings.SERVICE == "auth":
        call_command("demo_accounts", json=True)
    if settings.SERVICE in CONTENT:
        call_command(CONTENT[settings.SERVICE], stdout=sys.stderr)
    if settings.SERVICE in WITH_HISTORY and os.environ.get("DEMO_HISTORY") != "0":
        call_command("demo_history", stdout=sys.stderr)


def make_ready(callers_file: str) -> None:
    """Migrate, register the callers' keys; for auth, make the first signing key."""
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command(
        "internal_keys", "register", "--from-file", callers_file, stdout=sys.stderr
    )
    if settings.SERVICE == "auth":
        call_command("jwt_keys", "ensure", stdout=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
