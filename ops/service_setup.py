"""One service's database made ready, in one process: python -m ops.service_setup."""

import sys

import django
from django.conf import settings
from django.core.management import call_command


def main(callers_file: str) -> None:
    """Make the database ready, and what a fresh platform is tried out with.

    Prints the demo accounts, for auth.
    """
    make_ready(callers_file)
    if settings.SERVICE == "auth":
        call_command("demo_accounts", json=True)
    elif settings.SERVICE == "course":
        call_command("load_courses", stdout=sys.stderr)
    elif settings.SERVICE == "exercise":
        call_command("load_exercises", stdout=sys.stderr)


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
