"""The broadcasts app."""

from django.apps import AppConfig


class BroadcastsConfig(AppConfig):
    name = "notification_project.broadcasts"
    label = "broadcasts"
    verbose_name = "Broadcasts"
