"""Study sessions for operators: to look at; only learners and time change them."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import StudyTime, TimedSession


@admin.register(TimedSession)
class TimedSessionAdmin(ReadOnlyModelAdmin):
    list_display = [
        "started_at",
        "user_id",
        "state",
        "skill",
        "resource_title",
        "stretch_started_at",
        "last_seen_at",
        "ended_at",
        "counted",
        "study_minutes",
    ]
    list_filter = ["state", "skill", "started_at"]
    search_fields = ["=id", "=user_id", "=resource_id", "resource_title"]


@admin.register(StudyTime)
class StudyTimeAdmin(ReadOnlyModelAdmin):
    list_display = ["user_id", "counted", "updated_at"]
    list_filter = ["updated_at"]
    search_fields = ["=user_id"]
