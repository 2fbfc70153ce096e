"""The operators app: it has pages and templates, no tables."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "shared.operators"
    label = "operators"
    verbose_name = "Operators"
