"""The peers app."""

from django.apps import AppConfig


class PeersConfig(AppConfig):
    name = "shared.peers"
    label = "peers"
    verbose_name = "Peers"
