"""Achievements for operators: to look at; only what happened earns them."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Achievement


@admin.register(Achievement)
class AchievementAdmin(ReadOnlyModelAdmin):
    list_display = ["earned_at", "key", "points", "user_id"]
    list_filter = ["key", "earned_at"]
    search_fields = ["=user_id"]
