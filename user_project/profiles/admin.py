"""Profiles for operators: to look up, and to hide one that offends."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from . import services
from .models import Profile


@admin.register(Profile)
class ProfileAdmin(ReadOnlyModelAdmin):
    list_display = [
        "display_name",
        "email",
        "role",
        "locale",
        "timezone",
        "visibility",
        "study_reminder_due_at",
        "registered_at",
        "updated_at",
    ]
    list_filter = [
        "role",
        "visibility",
        "locale",
        "study_reminders",
        "level",
        "registered_at",
    ]
    search_fields = ["=user_id", "email", "full_name", "display_name"]
    actions = ["hide"]

    @admin.action(description="Make private", permissions=["operate"])
    def hide(self, request, queryset):
        for profile in queryset:
            services.hide_profile(profile=profile)
            self.log_change(request, profile, "Made private.")
        self.message_user(request, f"{len(queryset)} profiles are private.")
