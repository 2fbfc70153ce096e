"""The dashboard app."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "user_project.dashboard"
    label = "dashboard"
    verbose_name = "Dashboard"
