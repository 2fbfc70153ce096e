"""The attempts app."""

from django.apps import AppConfig


class AttemptsConfig(AppConfig):
    name = "exercise_project.attempts"
    label = "attempts"
    verbose_name = "Attempts"
