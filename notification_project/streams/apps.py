"""The streams app."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    name = "notification_project.streams"
    label = "streams"
    verbose_name = "Streams"
