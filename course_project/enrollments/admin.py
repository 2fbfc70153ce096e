"""Enrollments for operators: who takes what, and who was granted it."""

from django.contrib import admin, messages

from shared.operators.pages import log_changes
from shared.staff.admin_site import ModelAdmin, ReadOnlyModelAdmin

from . import services
from .errors import GrantRevokedError
from .models import Enrollment, Grant, LessonProgress


@admin.register(Grant)
class GrantAdmin(ModelAdmin):
    """A grant is made here and can be revoked; it is never edited."""

    list_display = [
        "user_id",
        "course",
        "note",
        "ends_at",
        "revoked_at",
        "granted_by",
        "created_at",
    ]
    list_filter = ["revoked_at", "ends_at", "created_at"]
    list_select_related = ["course"]
    search_fields = ["=user_id", "course__title", "note"]
    search_help_text = "Exact user id, course, or note"
    fields = ["user_id", "course", "ends_at", "note"]
    actions = ["revoke"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_operate_permission(self, request, object_id=None):
        return super().has_change_permission(request)

    def save_model(self, request, obj, form, change):
        made = services.grant_access(
            user_id=obj.user_id,
            course=obj.course,
            ends_at=obj.ends_at,
            note=obj.note,
            granted_by=request.user.pk,
        )
        obj.pk = made.pk

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request, queryset):
        revoked = []
        for grant in queryset:
            try:
                revoked.append(services.revoke_grant(grant_id=grant.pk))
            except GrantRevokedError:
                continue
        log_changes(request, revoked, "Revoked.")
        level = messages.SUCCESS if revoked else messages.WARNING
        self.message_user(request, f"{len(revoked)} grants revoked.", level)


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnlyModelAdmin):
    list_display = [
        "user_id",
        "course",
        "state",
        "percent",
        "enrolled_at",
        "last_studied_at",
        "completed_at",
    ]
    list_filter = ["state", "enrolled_at", "completed_at"]
    list_select_related = ["course"]
    search_fields = ["=id", "=user_id", "course__title"]
    search_help_text = "Exact id or user id, or course"

    def get_queryset(self, request):
        return super().get_queryset(request).with_progress()

    @admin.display(description="progress")
    def percent(self, enrollment):
        return f"{enrollment.progress_percent} %"


@admin.register(LessonProgress)
class LessonProgressAdmin(ReadOnlyModelAdmin):
    list_display = [
        "lesson",
        "learner",
        "position_seconds",
        "completed_at",
        "updated_at",
    ]
    list_filter = ["completed_at"]
    list_select_related = ["lesson", "enrollment"]
    search_fields = ["=enrollment__user_id", "lesson__title"]
    search_help_text = "Exact user id, or lesson"

    @admin.display(description="user id")
    def learner(self, progress):
        return progress.enrollment.user_id
