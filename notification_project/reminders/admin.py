"""Reminders for operators: who wants which, when it comes, what became of the last."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Reminder


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyModelAdmin):
    list_display = [
        "user_id",
        "weekdays",
        "local_time",
        "timezone",
        "title",
        "is_enabled",
        "next_due_at",
        "last_due_at",
        "last_outcome",
    ]
    list_filter = ["is_enabled", "last_outcome", "next_due_at"]
    search_fields = ["=id", "=user_id", "title"]
    search_help_text = "Exact id or user id, or title"
