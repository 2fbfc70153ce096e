"""Public route of the dashboard, below /api/v1/user."""

from django.urls import path

from .views import DashboardView

urlpatterns = [path("dashboard", DashboardView.as_view(), name="dashboard")]
