"""The sessions app; its label leaves "sessions" to Django's own."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "user_project.sessions"
    label = "timed_sessions"
    verbose_name = "Study sessions"
