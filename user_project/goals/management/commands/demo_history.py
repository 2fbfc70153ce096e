"""`manage.py demo_history`: a goal of a demo learner."""

from django.core.management.base import BaseCommand

from user_project.goals.demo import ensure_demo_goal


class Command(BaseCommand):
    help = (
        "Set a goal for a demo learner, as if she had asked for it herself; what she "
        "has done is told by course-service and exercise-service."
    )

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{int(ensure_demo_goal())} of 1 goal set.")
