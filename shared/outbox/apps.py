"""The outbox app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    name = "shared.outbox"
    label = "outbox"
    verbose_name = "Outbox"

    def ready(self):
        from shared.telemetry.metrics import add_database_collector

        from .depth import DepthCollector

        add_database_collector(DepthCollector())
        autodiscover_modules("jobs")
