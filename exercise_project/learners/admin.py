"""Learners for operators: a copy, to look at."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Learner


@admin.register(Learner)
class LearnerAdmin(ReadOnlyModelAdmin):
    list_display = [
        "display_name",
        "user_id",
        "role",
        "locale",
        "timezone",
        "registered_at",
        "profile_updated_at",
    ]
    list_filter = ["role", "locale", "registered_at"]
    search_fields = ["=user_id", "display_name"]
