"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "auth_project.accounts"
    label = "accounts"
    verbose_name = "Accounts"
