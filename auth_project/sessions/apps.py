"""The sessions app; its label leaves "sessions" to Django's own."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "auth_project.sessions"
    label = "device_sessions"
    verbose_name = "Sessions"

    def ready(self):
        from shared.server.keyset import key_set

        from .signing_keys import published_keys

        # auth reads its own keys from disk instead of asking itself over HTTP.
        key_set.source = published_keys
