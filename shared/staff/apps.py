"""The staff app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "shared.staff"
    label = "staff"
    verbose_name = "People who sign in here"
