"""The progress app."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    name = "user_project.progress"
    label = "progress"
    verbose_name = "Progress"
