"""The goals app."""

from django.apps import AppConfig


class GoalsConfig(AppConfig):
    name = "user_project.goals"
    label = "goals"
    verbose_name = "Goals"
