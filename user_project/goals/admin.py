"""Goals for operators: to look at; their owners and what they learn change them."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Goal


@admin.register(Goal)
class GoalAdmin(ReadOnlyModelAdmin):
    list_display = [
        "title",
        "user_id",
        "unit",
        "current",
        "target",
        "state",
        "starts_on",
        "ends_on",
        "completed_at",
        "updated_at",
    ]
    list_filter = ["state", "unit", "period", "ends_on"]
    search_fields = ["=id", "=user_id", "title"]
