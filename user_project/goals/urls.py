"""Public routes of goals, below /api/v1/user."""

from django.urls import path

from .views import GoalListView, GoalView

urlpatterns = [
    path("goals", GoalListView.as_view(), name="goals"),
    path("goals/<uuid:goal_id>", GoalView.as_view(), name="goal"),
]
