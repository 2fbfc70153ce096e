"""`manage.py load_exercises`: the tests that come with the platform."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from exercise_project.exercises.content import read_tests
from exercise_project.exercises.services import load_test
from shared.demo import DEMO_INSTRUCTOR

CONTENT = settings.BASE_DIR / "exercise_project" / "content"


class Command(BaseCommand):
    help = (
        "Publish the tests in a folder under the name of the demo instructor. What was "
        "loaded before from the same files, or edited by people, stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=CONTENT)

    def handle(self, *args: object, **options: object) -> None:
        tests = list(read_tests(options["folder"]))
        loaded = [
            load_test(content=content, instructor_id=DEMO_INSTRUCTOR.id)
            for content in tests
        ]
        self.stdout.write(f"{sum(loaded)} of {len(tests)} tests loaded.")
