"""The contracts app: every contract, system checks, commands around golden schemas."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig

from shared.topology import SERVICES


class ContractsConfig(AppConfig):
    name = "shared.contracts"
    label = "contracts"
    verbose_name = "Contracts"

    def ready(self):
        # Every contract is declared before the first request or delivery: a module
        # of this package declares some by being here.
        for module in iter_modules(self.module.__path__):
            if not module.ispkg:
                import_module(f"{self.name}.{module.name}")
        self._declare_where_events_go()

    def _declare_where_events_go(self):
        from .publishing import declare_event_endpoints  # it needs the models

        declare_event_endpoints(SERVICES)
