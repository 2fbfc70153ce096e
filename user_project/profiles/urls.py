"""Public routes of profiles, below /api/v1."""

from django.urls import path

from .views import OwnProfileView, PreferencesView, PublicProfileView

urlpatterns = [
    path("user/profile", OwnProfileView.as_view(), name="own-profile"),
    path("user/preferences", PreferencesView.as_view(), name="preferences"),
    path("users/<uuid:user_id>", PublicProfileView.as_view(), name="public-profile"),
]
