"""Where instructors write their courses and admins look after all of them."""

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from unfold.admin import TabularInline
from unfold.decorators import action

from shared.operators.pages import ask, log_changes
from shared.staff.admin_site import ModelAdmin
from shared.wire.errors import DomainError

from . import services
from .markdown import render
from .models import Course, Lesson, Module


class AuthoringAdmin(ModelAdmin):
    """Rows of courses that the person may change: their own, or all for admins.

    Everything is written by services; what they refuse is shown as a message.
    """

    def get_queryset(self, request):
        return super().get_queryset(request).owned_by(request.user)

    def has_author_permission(self, request, object_id=None):
        """Say whether this person writes courses at all."""
        return getattr(request.user, "role", "") in ("instructor", "admin")

    def has_module_permission(self, request):
        return self.has_author_permission(request)

    def has_add_permission(self, request):
        return self.has_author_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.has_author_permission(request)

    def has_change_permission(self, request, obj=None):
        return self.has_author_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_author_permission(request)

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one at a time, each asked for
        return actions

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            return self._refused(request, error)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            return self._refused(request, error)

    def row_or_404(self, request, object_id):
        """Return a row that this person may change; raises Http404."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row

    def _refused(self, request, error):
        self.message_user(request, f"Not saved: {error}", messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())


class AuthoringInline(TabularInline):
    """Parts of a row that the person may change already; dragged into order."""

    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    readonly_fields = ["content"]
    content_label = ""

    @admin.display(description="content")
    def content(self, part):
        """Link to the part's own page."""
        if part._state.adding:
            return "after saving"
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
            _page_of(part),
            self.content_label,
        )

    def has_add_permission(self, request, obj=None):
        return True

    def has_view_permission(self, request, obj=None):
        return True

    def has_change_permission(self, request, obj=None):
        return True

    def has_delete_permission(self, request, obj=None):
        return True


class ModuleInline(AuthoringInline):
    model = Module
    content_label = "Write lessons"
    fields = ["title", "summary", "content", "position"]


class LessonInline(AuthoringInline):
    model = Lesson
    content_label = "Write text"
    fields = [
        "title",
        "kind",
        "minutes",
        "is_preview",
        "is_published",
        "content",
        "position",
    ]


class AttentionFilter(admin.SimpleListFilter):
    """By what keeps a course from being taken."""

    title = "needs attention"
    parameter_name = "needs"

    def lookups(self, request, model_admin):
        return [("work", "Draft that rests"), ("lessons", "No lesson yet")]

    def queryset(self, request, queryset):
        if self.value() == "work":
            return queryset.resting(timezone.now())
        if self.value() == "lessons":
            return queryset.without_lessons()
        return queryset


@admin.register(Course)
class CourseAdmin(AuthoringAdmin):
    list_display = [
        "title",
        "state",
        "skill",
        "level",
        "enrollment_type",
        "instructor_name",
        "enrollments_count",
        "mean_rating",
        "published_at",
    ]
    list_filter = [
        "state",
        AttentionFilter,
        "skill",
        "level",
        "enrollment_type",
        "category",
    ]
    search_fields = ["title", "slug", "instructor_name", "=id", "=instructor_id"]
    search_help_text = "Title, slug, instructor's name, or an id"
    ordering = ["-created_at", "-id"]
    fields = [
        "title",
        "slug",
        "summary",
        "description",
        ("skill", "level"),
        ("enrollment_type", "category"),
        ("state", "published_at"),
        ("instructor_name", "instructor_id"),
        ("enrollments_count", "mean_rating"),
    ]
    readonly_fields = [
        "state",
        "published_at",
        "instructor_name",
        "instructor_id",
        "enrollments_count",
        "mean_rating",
    ]
    inlines = [ModuleInline]
    actions_detail = ["preview", "publish", "archive"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rating()

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "slug"] if obj else fields

    def has_delete_permission(self, request, obj=None):
        is_draft = not isinstance(obj, Course) or obj.published_at is None
        return is_draft and super().has_delete_permission(request, obj)

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title"]}

    @admin.display(description="rating", ordering="rating")
    def mean_rating(self, course):
        if not course.rating_count:
            return "none yet"
        return f"{course.rating_sum / course.rating_count:.2f} of {course.rating_count}"

    def save_model(self, request, obj, form, change):
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            services.update_course(course_id=obj.pk, changes=changes)
            return
        values = dict(form.cleaned_data)
        course = services.create_course(
            instructor_id=request.user.pk,
            instructor_name=request.user.name,
            slug=values.pop("slug"),
            values=values,
        )
        obj.pk = course.pk

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        for module in formset.deleted_objects:
            services.delete_module(module_id=module.pk)
        for module, names in formset.changed_objects:
            changes = {name: getattr(module, name) for name in names}
            services.update_module(module_id=module.pk, changes=changes)
        for module in formset.new_objects:
            values = {"title": module.title, "summary": module.summary}
            services.add_module(course_id=form.instance.pk, values=values)

    def delete_model(self, request, obj):
        services.delete_course(course_id=obj.pk)

    @action(description="Preview", permissions=["author"], url_path="preview")
    def preview(self, request, object_id):
        course = self.row_or_404(request, object_id)
        shown = Course.objects.with_instructors().get(pk=course.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": f"Preview of {course}",
            "course": shown,
            "description": mark_safe(render(shown.description)),  # noqa: S308 - cleaned
            "modules": [_shown(module) for module in _modules_of(shown)],
            "back": _page_of(course),
        }
        return TemplateResponse(request, "catalogue/preview.html", context)

    @action(description="Publish", permissions=["author"], url_path="publish")
    def publish(self, request, object_id):
        return self._ask_and_do(
            request,
            object_id,
            services.publish_course,
            submit="Publish",
            text="Everybody finds it from now on, and learners may take it.",
        )

    @action(description="Archive", permissions=["author"], url_path="archive")
    def archive(self, request, object_id):
        return self._ask_and_do(
            request,
            object_id,
            services.archive_course,
            submit="Archive",
            text="Nobody finds it any more; who takes it already may go on.",
        )

    def _ask_and_do(self, request, object_id, change, *, submit, text):
        course = self.row_or_404(request, object_id)
        if "apply" not in request.POST:
            title = f"{submit} {course}"
            return ask(self, request, title=title, text=text, submit=submit)
        try:
            changed = change(course_id=course.pk)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            log_changes(request, [changed], f"{changed.get_state_display()}.")
            self.message_user(request, f"{changed} is {changed.state}.")
        return HttpResponseRedirect(_page_of(course))


class PartAdmin(AuthoringAdmin):
    """A part of a course; it is made on the page of what holds it."""

    holder = ""

    def has_add_permission(self, request):
        return False

    def response_post_save_change(self, request, obj):
        """Go back to what holds it, where its neighbours are."""
        return HttpResponseRedirect(_page_of(getattr(obj, self.holder)))


@admin.register(Module)
class ModuleAdmin(PartAdmin):
    """A module and its lessons; new modules are made on the page of the course."""

    holder = "course"
    list_display = ["title", "course", "position"]
    list_select_related = ["course"]
    search_fields = ["title", "course__title", "=id"]
    fields = ["course", "title", "summary"]
    readonly_fields = ["course"]
    inlines = [LessonInline]

    def save_model(self, request, obj, form, change):
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.update_module(module_id=obj.pk, changes=changes)

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        for lesson in formset.new_objects:
            names = ("title", "kind", "minutes", "is_preview", "is_published")
            values = {name: getattr(lesson, name) for name in names}
            services.add_lesson(module_id=form.instance.pk, values=values)
        for lesson, names in formset.changed_objects:
            changes = {name: getattr(lesson, name) for name in names}
            services.update_lesson(lesson_id=lesson.pk, changes=changes)
        for lesson in formset.deleted_objects:
            services.delete_lesson(lesson_id=lesson.pk)

    def delete_model(self, request, obj):
        services.delete_module(module_id=obj.pk)


@admin.register(Lesson)
class LessonAdmin(PartAdmin):
    """A lesson and its text; new lessons are made on the page of the module."""

    holder = "module"
    list_display = ["title", "module", "kind", "minutes", "is_preview", "is_published"]
    list_filter = ["kind", "is_published", "is_preview"]
    list_select_related = ["module__course"]
    search_fields = ["title", "module__title", "module__course__title", "=id"]
    fields = [
        "module",
        "title",
        ("kind", "minutes"),
        ("is_preview", "is_published"),
        "video_url",
        "body",
    ]
    readonly_fields = ["module"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "video_url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.update_lesson(lesson_id=obj.pk, changes=changes)

    def delete_model(self, request, obj):
        services.delete_lesson(lesson_id=obj.pk)


def _page_of(row):
    return reverse(f"admin:catalogue_{row._meta.model_name}_change", args=[row.pk])


def _modules_of(course):
    return course.modules.prefetch_related("lessons")


def _shown(module):
    lessons = [
        {
            "title": lesson.title,
            "kind": lesson.get_kind_display(),
            "minutes": lesson.minutes,
            "is_preview": lesson.is_preview,
            "is_published": lesson.is_published,
            "video_url": lesson.video_url,
            "html": mark_safe(render(lesson.body)),  # noqa: S308 - cleaned by render
        }
        for lesson in module.lessons.all()
    ]
    return {"title": module.title, "summary": module.summary, "lessons": lessons}
