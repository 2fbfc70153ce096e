"""Public routes of profiles, below /api/v1."""

from django.urls import path

from .views import OwnProfileView, PublicProfileView

urlpatterns = [
    path("user/profile", OwnProfileView.as_view(), name="own-profile"),
    path("users/<uuid:user_id>", PublicProfileView.as_view(), name="public-profile"),
]
