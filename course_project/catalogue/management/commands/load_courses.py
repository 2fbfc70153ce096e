"""`manage.py load_courses`: the courses that come with the platform."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from course_project.catalogue.content import read_courses
from course_project.catalogue.services import load_course
from shared.demo import DEMO_INSTRUCTOR

CONTENT = settings.BASE_DIR / "course_project" / "content"


class Command(BaseCommand):
    help = (
        "Publish the courses in a folder under the name of the demo instructor. A "
        "course that exists stays as it is: people may have edited it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=CONTENT)

    def handle(self, *args: object, **options: object) -> None:
        courses = list(read_courses(options["folder"]))
        loaded = [
            load_course(
                content=content,
                instructor_id=DEMO_INSTRUCTOR.id,
                instructor_name=DEMO_INSTRUCTOR.name,
            )
            for content in courses
        ]
        self.stdout.write(f"{sum(loaded)} of {len(courses)} courses loaded.")
