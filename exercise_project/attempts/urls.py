"""Public routes of attempts, below /api/v1."""

from django.urls import path

from .views import AnalyticsView, AttemptListView, AttemptView, StartView, SubmitView

urlpatterns = [
    path(
        "exercises/<uuid:exercise_id>/attempts",
        StartView.as_view(),
        name="start-attempt",
    ),
    path(
        "exercises/<uuid:exercise_id>/analytics",
        AnalyticsView.as_view(),
        name="exercise-analytics",
    ),
    path("attempts", AttemptListView.as_view(), name="attempts"),
    path("attempts/<uuid:attempt_id>", AttemptView.as_view(), name="attempt"),
    path(
        "attempts/<uuid:attempt_id>/submit",
        SubmitView.as_view(),
        name="submit-attempt",
    ),
]
