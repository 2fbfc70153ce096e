"""Public routes of progress, below /api/v1/user."""

from django.urls import path

from .views import DailyView, HistoryView, ProgressView, SkillView, StatisticsView

urlpatterns = [
    path("progress", ProgressView.as_view(), name="progress"),
    path("progress/history", HistoryView.as_view(), name="progress-history"),
    path("progress/daily", DailyView.as_view(), name="progress-daily"),
    path("statistics", StatisticsView.as_view(), name="statistics"),
    path("statistics/<str:skill>", SkillView.as_view(), name="skill-statistics"),
]
