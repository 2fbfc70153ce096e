"""The reminders app."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "notification_project.reminders"
    label = "reminders"
    verbose_name = "Reminders"
