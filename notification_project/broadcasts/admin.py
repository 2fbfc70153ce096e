"""Broadcasts for operators: write one, see how far it is, cancel it."""

from django.contrib import admin, messages

from shared.operators.pages import log_changes
from shared.staff.admin_site import ModelAdmin, ReadOnlyModelAdmin

from . import services
from .errors import BroadcastFinishedError
from .forms import BroadcastForm
from .models import Broadcast, CourseMember


@admin.register(Broadcast)
class BroadcastAdmin(ModelAdmin):
    """A broadcast is written here and can be cancelled; it is never edited."""

    form = BroadcastForm
    list_display = [
        "created_at",
        "title",
        "audience",
        "role",
        "course_id",
        "type",
        "state",
        "total",
        "sent",
        "suppressed",
        "last_chunk_at",
        "finished_at",
    ]
    list_filter = ["state", "audience", "type", "created_at"]
    search_fields = ["=id", "=course_id", "=created_by", "title"]
    search_help_text = "Exact id, course id or writer, or title"
    actions = ["cancel"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_operate_permission(self, request, object_id=None):
        return super().has_change_permission(request)

    def save_model(self, request, obj, form, change):
        names = form.Meta.fields
        made = services.create_broadcast(
            created_by=request.user.pk,
            values={name: form.cleaned_data[name] for name in names},
        )
        obj.pk = made.pk

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request, queryset):
        cancelled = []
        for broadcast in queryset:
            try:
                cancelled.append(services.cancel_broadcast(broadcast_id=broadcast.pk))
            except BroadcastFinishedError:
                continue
        log_changes(request, cancelled, "Cancelled.")
        level = messages.SUCCESS if cancelled else messages.WARNING
        self.message_user(request, f"{len(cancelled)} broadcasts cancelled.", level)


@admin.register(CourseMember)
class CourseMemberAdmin(ReadOnlyModelAdmin):
    list_display = ["user_id", "course_id", "enrolled_at"]
    list_filter = ["enrolled_at"]
    search_fields = ["=user_id", "=course_id"]
