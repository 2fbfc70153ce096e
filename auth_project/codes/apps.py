"""The codes app."""

from django.apps import AppConfig


class CodesConfig(AppConfig):
    name = "auth_project.codes"
    label = "codes"
    verbose_name = "Codes"
