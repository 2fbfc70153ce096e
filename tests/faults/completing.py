"""A process of course-service that reports lessons as completed when it is told to.

Run with the environment of the service. Each line on its standard input names a
learner; each line on its standard output is the id of the message that was committed.
"""

import sys
from uuid import UUID

import django

django.setup()

from django.db import transaction  # noqa: E402 - settings come first

from shared.contracts.user import UpdateProgress, update_progress  # noqa: E402


def main() -> None:
    """Obey until the input ends, or until somebody kills it."""
    for line in sys.stdin:
        update = UpdateProgress(user_id=UUID(line.strip()), lessons_completed=1)
        with transaction.atomic():
            message = update_progress.later(update)
        sys.stdout.write(f"{message.id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
