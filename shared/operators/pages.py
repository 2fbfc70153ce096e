"""Admin classes that the pages inherit, and the page that asks before it acts."""

from collections.abc import Iterable

from django import forms
from django.contrib.admin import helpers
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

__all__ = [
    "ModelAdmin",
    "ReadOnlyModelAdmin",
    "ReasonForm",
    "ask",
    "log_changes",
    "log_erasures",
]


class ReadOnlyModelAdmin(ModelAdmin):
    """Rows that only code writes: nobody adds, changes or deletes them by hand.

    Actions that have an effect ask for the permission ``operate``.
    """

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_operate_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        """Say whether this person may use the actions that have an effect."""
        return super().has_change_permission(request)

    def row_or_404(self, request: HttpRequest, object_id: str) -> Model:
        """Return the row of an action on one row; raises Http404."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row


class ReasonForm(forms.Form):
    """Why somebody does it; the next operator reads the answer."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to every operator, and kept in the history.",
    )


def ask(
    model_admin: ModelAdmin,
    request: HttpRequest,
    *,
    title: str,
    text: str,
    submit: str,
    form: forms.Form | None = None,
    warning: str = "",
) -> TemplateResponse:
    """Show a page that asks before something is done.

    Its button posts to the same address, with ``apply`` and, for an action on a list,
    with the same selection. What changes data must come from such a POST: the buttons
    of a detail page are links.
    """
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.model._meta,
        "title": title,
        "text": text,
        "button": submit,
        "form": form,
        "warning": warning,
        "media": model_admin.media,
        "back": request.get_full_path() if "action" in request.POST else "..",
        "repeated": _selection_of(request),
    }
    return TemplateResponse(request, "operators/ask.html", context)


def log_changes(request: HttpRequest, rows: Iterable[Model], message: str) -> None:
    """Write one line per row into the admin log."""
    rows = list(rows)
    if not rows:
        return
    content_type = ContentType.objects.get_for_model(rows[0])
    LogEntry.objects.bulk_create(
        (
            LogEntry(
                user_id=request.user.pk,
                content_type_id=content_type.pk,
                object_id=str(row.pk),
                object_repr=str(row)[:200],
                action_flag=CHANGE,
                change_message=message,
            )
            for row in rows
        ),
        batch_size=200,
    )


def log_erasures(request: HttpRequest, model: type[Model], count: int) -> None:
    """Write into the admin log that rows were erased, and not which."""
    content_type = ContentType.objects.get_for_model(model)
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=request.user.pk,
            content_type_id=content_type.pk,
            object_repr="erased",
            action_flag=DELETION,
            change_message="Erased.",
        )
        for _ in range(count)
    )


def _selection_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields with which the admin finds an action and its rows again."""
    names = ("action", "index", "select_across", helpers.ACTION_CHECKBOX_NAME)
    return [(name, value) for name in names for value in request.POST.getlist(name)]
