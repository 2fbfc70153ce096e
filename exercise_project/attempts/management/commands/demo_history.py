"""`manage.py demo_history`: the tests that the demo learners have taken."""

from django.core.management.base import BaseCommand

from exercise_project.attempts.demo import (
    DEMO_ATTEMPTS,
    ensure_demo_attempts,
    ensure_demo_essay,
)


class Command(BaseCommand):
    help = (
        "Let the demo learners take tests and hand in an essay, on evenings up to now, "
        "as if they had asked for it themselves. A test they have tried already, and "
        "an essay, stay as they are."
    )

    def handle(self, *args: object, **options: object) -> None:
        taken = ensure_demo_attempts()
        essays = int(ensure_demo_essay())
        self.stdout.write(
            f"{taken} of {len(DEMO_ATTEMPTS)} tests taken, {essays} of 1 essay written."
        )
