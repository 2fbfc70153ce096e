"""Notices for operators: who was told what, and who did not want it."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Notice, Preference, Reader


@admin.register(Notice)
class NoticeAdmin(ReadOnlyModelAdmin):
    list_display = [
        "created_at",
        "user_id",
        "type",
        "category",
        "title",
        "sender",
        "dedupe",
        "visible_at",
        "is_listed",
        "digest_id",
        "read_at",
        "deleted_at",
    ]
    list_filter = [
        "type",
        "category",
        "is_listed",
        "sender",
        "template",
        "created_at",
    ]
    ordering = ["-created_at", "-id"]
    search_fields = ["=id", "=user_id", "dedupe", "template", "own_title"]

    @admin.display(description="title")
    def title(self, notice):
        return notice.text().title


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyModelAdmin):
    list_display = ["user_id", "type", "channel", "is_enabled", "updated_at"]
    list_filter = ["type", "channel", "is_enabled"]
    search_fields = ["=user_id"]


@admin.register(Reader)
class ReaderAdmin(ReadOnlyModelAdmin):
    list_display = [
        "display_name",
        "email",
        "role",
        "locale",
        "timezone",
        "has_quiet_hours",
        "quiet_from",
        "quiet_until",
        "daily_cap",
        "is_disabled",
        "registered_at",
        "profile_updated_at",
    ]
    list_filter = [
        "role",
        "locale",
        "has_quiet_hours",
        "is_disabled",
        "registered_at",
    ]
    search_fields = ["=user_id", "email", "display_name"]
