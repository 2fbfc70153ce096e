"""`manage.py demo_history`: what the demo learners have studied."""

from django.core.management.base import BaseCommand

from course_project.enrollments.demo import DEMO_STUDIES, ensure_demo_studies


class Command(BaseCommand):
    help = (
        "Let the demo learners take courses, on evenings up to now, as if they had "
        "asked for it themselves. What they have begun already stays as it is."
    )

    def handle(self, *args: object, **options: object) -> None:
        taken = ensure_demo_studies()
        self.stdout.write(f"{taken} of {len(DEMO_STUDIES)} courses taken.")
