"""Public routes of notices, below /api/v1/notifications."""

from django.urls import path

from .views import (
    CollectedListView,
    NoticeListView,
    NoticeView,
    PreferencesView,
    ReadAllView,
    ReadView,
    UnreadCountView,
)

urlpatterns = [
    path("", NoticeListView.as_view(), name="notices"),
    path("/unread-count", UnreadCountView.as_view(), name="unread-count"),
    path("/read-all", ReadAllView.as_view(), name="read-all"),
    path("/preferences", PreferencesView.as_view(), name="preferences"),
    path("/<uuid:notice_id>", NoticeView.as_view(), name="notice"),
    path("/<uuid:notice_id>/collected", CollectedListView.as_view(), name="collected"),
    path("/<uuid:notice_id>/read", ReadView.as_view(), name="read-notice"),
]
