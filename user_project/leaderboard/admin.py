"""Standings for operators: to look at; only what happened changes them."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Standing


@admin.register(Standing)
class StandingAdmin(ReadOnlyModelAdmin):
    list_display = [
        "starts_on",
        "period",
        "user_id",
        "points",
        "study_minutes",
        "lessons_completed",
        "exercises_completed",
    ]
    list_filter = ["period", "starts_on"]
    search_fields = ["=user_id"]
