"""The exercises app."""

from django.apps import AppConfig


class ExercisesConfig(AppConfig):
    name = "exercise_project.exercises"
    label = "exercises"
    verbose_name = "Exercises"
