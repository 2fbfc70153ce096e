"""Public routes of broadcasts, below /api/v1/notifications/broadcasts."""

from django.urls import path

from .views import BroadcastListView, BroadcastView

urlpatterns = [
    path("", BroadcastListView.as_view(), name="broadcasts"),
    path("/<uuid:broadcast_id>", BroadcastView.as_view(), name="broadcast"),
]
