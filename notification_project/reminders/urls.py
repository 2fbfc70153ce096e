"""Public routes of reminders, below /api/v1/notifications/reminders."""

from django.urls import path

from .views import ReminderListView, ReminderView

urlpatterns = [
    path("", ReminderListView.as_view(), name="reminders"),
    path("/<uuid:reminder_id>", ReminderView.as_view(), name="reminder"),
]
