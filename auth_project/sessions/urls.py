"""Public routes of sessions."""

from django.urls import path

from . import views

urlpatterns = [
    path("refresh", views.RefreshView.as_view()),
    path("logout", views.LogoutView.as_view()),
    path("sessions", views.SessionListView.as_view()),
    path("sessions/<uuid:session_id>", views.SessionView.as_view()),
    path(".well-known/jwks.json", views.KeySetView.as_view()),
]
