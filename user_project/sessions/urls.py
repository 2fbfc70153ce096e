"""Public routes of study sessions, below /api/v1/user."""

from django.urls import path

from .views import HeartbeatView, SessionEndView, SessionsView

urlpatterns = [
    path("sessions", SessionsView.as_view(), name="study-sessions"),
    path(
        "sessions/<uuid:session_id>/heartbeat",
        HeartbeatView.as_view(),
        name="study-session-heartbeat",
    ),
    path(
        "sessions/<uuid:session_id>/end",
        SessionEndView.as_view(),
        name="study-session-end",
    ),
]
