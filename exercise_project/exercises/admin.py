"""Where instructors write tests; each sees their own, admins see all."""

from django.contrib import admin, messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action

from shared.operators.pages import ask, log_changes
from shared.staff.admin_site import ModelAdmin
from shared.wire.errors import DomainError

from . import services
from .forms import QuestionForm, QuestionGroupForm, SectionForm
from .models import Exercise, ExerciseVersion, Question, QuestionGroup, Section
from .versions import version_of

AUTHOR_ROLES = {"instructor", "admin"}


def _is_author(request):
    return getattr(request.user, "role", "") in AUTHOR_ROLES


def _may_edit(request, row):
    """Say whether a version, or a part of one, may be edited: it is in a draft."""
    if row is None or not _is_author(request):
        return _is_author(request)
    version = row if isinstance(row, ExerciseVersion) else version_of(row)
    if request.method == "POST":
        return services.hold_draft(version_id=version.pk)
    return not version.is_published


def _link_to(row, text):
    """Return a link to a row's own page, where what it holds is written."""
    if row is None or row._state.adding:
        return "Save first: then this can be filled."
    address = f"admin:exercises_{row._meta.model_name}_change"
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>',
        reverse(address, args=[row.pk]),
        text,
    )


class _DraftInline(StackedInline):
    """Parts that can be edited as long as their version is a draft."""

    extra = 0

    def has_view_permission(self, request, obj=None):
        return _is_author(request)

    def has_add_permission(self, request, obj):
        return _may_edit(request, obj)

    def has_change_permission(self, request, obj=None):
        return _may_edit(request, obj)

    def has_delete_permission(self, request, obj=None):
        return _may_edit(request, obj)


class _DraftAdmin(ModelAdmin):
    """A version or a part of one; it is begun on the page of what holds it."""

    holder = ""

    def response_post_save_change(self, request, obj):
        """Go back to what holds it, where its neighbours are."""
        holder = getattr(obj, self.holder)
        address = f"admin:exercises_{holder._meta.model_name}_change"
        return redirect(reverse(address, args=[holder.pk]))

    def has_module_permission(self, request):
        return _is_author(request)

    def has_view_permission(self, request, obj=None):
        return _is_author(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return _may_edit(request, obj)

    def has_delete_permission(self, request, obj=None):
        # Never from a list: its rows are of several versions.
        return obj is not None and _may_edit(request, obj)


class VersionInline(TabularInline):
    model = ExerciseVersion
    fields = readonly_fields = [
        "number",
        "state",
        "question_count",
        "published_at",
        "contents",
    ]
    extra = 0

    def has_view_permission(self, request, obj=None):
        return _is_author(request)

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description="what it asks")
    def contents(self, version):
        return _link_to(version, "Sections and questions")


@admin.register(Exercise)
class ExerciseAdmin(ModelAdmin):
    list_display = [
        "title",
        "skill",
        "kind",
        "difficulty",
        "minutes",
        "state",
        "current_number",
        "published_at",
        "updated_at",
    ]
    list_filter = ["state", "skill", "kind", "difficulty"]
    list_select_related = ["current_version"]
    search_fields = ["title", "slug", "=id", "=instructor_id"]
    # Not by publication: where a draft stands then differs between databases.
    ordering = ["-created_at", "-id"]
    prepopulated_fields = {"slug": ["title"]}
    fields = [
        "title",
        "slug",
        "description",
        "skill",
        "kind",
        "difficulty",
        "minutes",
        "course_id",
        "module_id",
    ]
    inlines = [VersionInline]
    actions = ["publish", "begin_version", "archive"]
    actions_detail = ["publish_one", "begin_version_one", "archive_one"]

    def get_queryset(self, request):
        return super().get_queryset(request).editable_by(request.user)

    def has_module_permission(self, request):
        return _is_author(request)

    def has_view_permission(self, request, obj=None):
        return _is_author(request)

    def has_add_permission(self, request):
        return _is_author(request)

    def has_change_permission(self, request, obj=None):
        return _is_author(request)

    def has_delete_permission(self, request, obj=None):
        return obj is not None and _is_author(request) and obj.published_at is None

    def get_readonly_fields(self, request, obj=None):
        # Results depend on them.
        return ["skill", "kind"] if obj and obj.published_at else []

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    @admin.display(description="version", ordering="current_version__number")
    def current_number(self, exercise):
        return exercise.current_version and exercise.current_version.number

    def save_model(self, request, obj, form, change):
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            services.change_exercise(exercise_id=obj.pk, changes=changes)
            return
        made = services.create_exercise(
            instructor_id=request.user.pk, values=form.cleaned_data
        )
        obj.pk, obj.instructor_id = made.pk, made.instructor_id
        obj._state.adding = False

    def delete_model(self, request, obj):
        services.delete_exercise(exercise_id=obj.pk)

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request, queryset):
        published = []
        for exercise in queryset:
            try:
                services.publish_exercise(exercise_id=exercise.pk)
            except DomainError as error:
                faults = " ".join(fault["detail"] for fault in error.errors or [])
                text = f"{exercise} was not published: {faults or error.detail}"
                self.message_user(request, text, messages.ERROR)
            else:
                published.append(exercise)
        log_changes(request, published, "Published.")
        if published:
            self.message_user(request, _counted(published, "published"))

    @admin.action(description="Edit in a new version", permissions=["change"])
    def begin_version(self, request, queryset):
        drafts = [
            services.begin_version(exercise_id=exercise.pk) for exercise in queryset
        ]
        log_changes(request, queryset, "Began a version.")
        if len(drafts) > 1:
            self.message_user(request, f"{len(drafts)} drafts are there.")
            return None
        address = "admin:exercises_exerciseversion_change"
        return redirect(reverse(address, args=[drafts[0].pk]))

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request, queryset):
        archived = [
            services.archive_exercise(exercise_id=exercise.pk) for exercise in queryset
        ]
        log_changes(request, archived, "Archived.")
        self.message_user(request, _counted(archived, "archived"))

    @action(description="Publish", permissions=["change"], url_path="publish")
    def publish_one(self, request, object_id):
        return self._ask_and_do(
            request,
            object_id,
            self.publish,
            submit="Publish",
            text="Everybody finds it, and every attempt from now on gets its draft.",
        )

    @action(
        description="Edit in a new version",
        permissions=["change"],
        url_path="begin-version",
    )
    def begin_version_one(self, request, object_id):
        return self._ask_and_do(
            request,
            object_id,
            self.begin_version,
            submit="Edit",
            text="You edit a draft; what is published stays until you publish again.",
        )

    @action(description="Archive", permissions=["change"], url_path="archive")
    def archive_one(self, request, object_id):
        return self._ask_and_do(
            request,
            object_id,
            self.archive,
            submit="Archive",
            text="Nobody finds it any more; results and open attempts stay.",
        )

    def _ask_and_do(self, request, object_id, act, *, submit, text):
        exercise = self.get_object(request, object_id)
        if exercise is None:
            raise Http404
        if "apply" not in request.POST:
            title = f"{submit} {exercise}"
            return ask(self, request, title=title, text=text, submit=submit)
        chosen = self.get_queryset(request).filter(pk=exercise.pk)
        page = reverse("admin:exercises_exercise_change", args=[exercise.pk])
        return act(request, chosen) or redirect(page)


def _counted(exercises, done):
    if len(exercises) == 1:
        return f"{exercises[0]} is {done}."
    return f"{len(exercises)} exercises are {done}."


class SectionInline(_DraftInline):
    model = Section
    form = SectionForm
    readonly_fields = ["contents"]

    @admin.display(description="questions")
    def contents(self, section):
        return _link_to(section, "Groups of questions")


@admin.register(ExerciseVersion)
class ExerciseVersionAdmin(_DraftAdmin):
    holder = "exercise"
    list_display = ["exercise", "number", "state", "question_count", "published_at"]
    list_filter = ["state", "band_table"]
    list_select_related = ["exercise"]
    search_fields = ["exercise__title", "exercise__slug", "=id"]
    fields = ["exercise", "number", "state", "band_table", "published_at"]
    readonly_fields = ["exercise", "number", "state", "published_at"]
    inlines = [SectionInline]

    def get_queryset(self, request):
        own = Exercise.objects.editable_by(request.user)
        return super().get_queryset(request).filter(exercise__in=own)


class QuestionGroupInline(_DraftInline):
    model = QuestionGroup
    form = QuestionGroupForm
    readonly_fields = ["contents"]

    @admin.display(description="questions")
    def contents(self, group):
        return _link_to(group, "Questions")


@admin.register(Section)
class SectionAdmin(_DraftAdmin):
    holder = "version"
    form = SectionForm
    list_display = ["title", "version", "position"]
    list_filter = ["version__state"]
    list_select_related = ["version__exercise"]
    search_fields = ["title", "version__exercise__title", "=id"]
    fields = ["version", "position", "title", "instructions", "text", "audio_url"]
    readonly_fields = ["version"]
    inlines = [QuestionGroupInline]

    def get_queryset(self, request):
        return super().get_queryset(request).editable_by(request.user)


class QuestionInline(_DraftInline):
    model = Question
    form = QuestionForm


@admin.register(QuestionGroup)
class QuestionGroupAdmin(_DraftAdmin):
    holder = "section"
    form = QuestionGroupForm
    list_display = ["section", "position", "type", "subtype", "word_limit"]
    list_filter = ["type", "section__version__state"]
    list_select_related = ["section"]
    search_fields = ["section__title", "section__version__exercise__title", "=id"]
    fields = ["section", *QuestionGroupForm.Meta.fields]
    readonly_fields = ["section"]
    inlines = [QuestionInline]

    def get_queryset(self, request):
        return super().get_queryset(request).editable_by(request.user)
