"""The achievements app."""

from django.apps import AppConfig


class AchievementsConfig(AppConfig):
    name = "user_project.achievements"
    label = "achievements"
    verbose_name = "Achievements"
