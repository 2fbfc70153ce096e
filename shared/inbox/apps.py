"""The inbox app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class InboxConfig(AppConfig):
    name = "shared.inbox"
    label = "inbox"
    verbose_name = "Inbox"

    def ready(self):
        # As the admin does with admin.py: every app's consumers.py is imported once.
        autodiscover_modules("consumers")
