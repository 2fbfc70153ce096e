"""Public routes of achievements, below /api/v1/user."""

from django.urls import path

from .views import AchievementsView

urlpatterns = [
    path("achievements", AchievementsView.as_view(), name="achievements"),
]
