"""The operators app: it has pages and templates, no tables."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OperatorsConfig(AppConfig):
    name = "shared.operators"
    label = "operators"
    verbose_name = "Operators"

    def ready(self):
        # As the admin does with admin.py: every app's desk.py is imported once.
        autodiscover_modules("desk")
