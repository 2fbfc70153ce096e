"""The profiles app."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "user_project.profiles"
    label = "profiles"
    verbose_name = "Profiles"
