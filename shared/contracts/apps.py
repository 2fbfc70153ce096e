"""The contracts app: system checks and the commands around golden schemas."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    name = "shared.contracts"
    label = "contracts"
    verbose_name = "Contracts"

    def ready(self):
        # Every contract is declared before the first request or delivery.
        from . import auth, checks, events, notification, user  # noqa: F401
