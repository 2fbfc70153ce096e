"""Public routes of the leaderboard, below /api/v1/user."""

from django.urls import path

from .views import LeaderboardView

urlpatterns = [
    path("leaderboard", LeaderboardView.as_view(), name="leaderboard"),
]
