"""The server app."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "shared.server"
    label = "server"
    verbose_name = "Access"
