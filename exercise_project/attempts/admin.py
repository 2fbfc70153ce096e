"""Attempts for operators: to look at; only learners and time change them."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Attempt


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyModelAdmin):
    list_display = [
        "started_at",
        "exercise",
        "user_id",
        "state",
        "raw_score",
        "score_percent",
        "band",
        "estimated_band",
        "saved_at",
        "closes_at",
        "graded_at",
    ]
    list_filter = ["state", "exercise__skill", "exercise__kind", "started_at"]
    search_fields = ["=id", "=user_id", "exercise__title"]
    list_select_related = ["exercise"]
