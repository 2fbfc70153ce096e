"""The submissions app."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "exercise_project.submissions"
    label = "submissions"
    verbose_name = "Submissions"
