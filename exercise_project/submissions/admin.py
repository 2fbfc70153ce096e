"""Where instructors mark: submissions to their courses; admins see all."""

from django.contrib import admin

from shared.staff.admin_site import ModelAdmin, ReadOnlyModelAdmin

from . import services
from .forms import marking_form
from .models import Submission, TaughtCourse

MARKER_ROLES = {"instructor", "admin"}
_WORK = [
    "title",
    "skill",
    "task",
    "prompt",
    "text",
    "recording_url",
    "word_count",
    "user_id",
    "course",
    "submitted_at",
]


@admin.register(Submission)
class SubmissionAdmin(ModelAdmin):
    list_display = ["submitted_at", "title", "skill", "task", "course", "state", "band"]
    list_filter = ["state", "skill", "task", "submitted_at"]
    list_select_related = ["course"]
    search_fields = ["=id", "=user_id", "title"]

    def get_queryset(self, request):
        return super().get_queryset(request).markable_by(request.user)

    def has_module_permission(self, request):
        return getattr(request.user, "role", "") in MARKER_ROLES

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        is_open = obj is None or not obj.is_marked
        return is_open and self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return _WORK

    def get_fieldsets(self, request, obj=None):
        names = (
            ["criteria", "band", "feedback", "marked_by", "marked_at"]
            if obj.is_marked
            else [*obj.criterion_names, "feedback"]
        )
        return [("Work", {"fields": _WORK}), ("Marks", {"fields": names})]

    def get_form(self, request, obj=None, change=False, **options):
        if obj.is_marked:
            return super().get_form(request, obj, change, **options)
        return marking_form(obj)

    def save_model(self, request, obj, form, change):
        services.mark_submission(
            marker=request.user,
            submission_id=obj.pk,
            criteria={name: form.cleaned_data[name] for name in obj.criterion_names},
            feedback=form.cleaned_data["feedback"],
        )


@admin.register(TaughtCourse)
class TaughtCourseAdmin(ReadOnlyModelAdmin):
    list_display = ["title", "course_id", "instructor_id", "published_at"]
    search_fields = ["title", "=course_id", "=instructor_id"]
