"""The notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notification_project.notices"
    label = "notices"
    verbose_name = "Notices"
