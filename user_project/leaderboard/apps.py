"""The leaderboard app."""

from django.apps import AppConfig


class LeaderboardConfig(AppConfig):
    name = "user_project.leaderboard"
    label = "leaderboard"
    verbose_name = "Leaderboard"
