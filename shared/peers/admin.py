"""Admin of the peers: how they are called, and the keys with which they may call."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from shared.operators.pages import ModelAdmin, ReadOnlyModelAdmin, ask, log_changes

from .issuing import issue_key, revoke_key, rotate_key, safe_to_revoke
from .models import InternalAPIKey, PeerService


@admin.register(PeerService)
class PeerServiceAdmin(ModelAdmin):
    list_display = [
        "name",
        "instances",
        "breaker_mode",
        "breaker_reason",
        "attempt_timeout_seconds",
        "total_timeout_seconds",
        "updated_at",
    ]
    list_filter = ["breaker_mode"]
    search_fields = ["name", "instances"]
    readonly_fields = ["updated_at"]
    fieldsets = [
        (None, {"fields": ["name", "instances", "updated_at"]}),
        ("Breaker", {"fields": ["breaker_mode", "breaker_reason"]}),
        (
            "Policy",
            {
                "description": "Processes follow within 30 seconds. "
                "An empty field means the default.",
                "fields": list(PeerService.POLICY_FIELDS),
            },
        ),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "name":
            choices = [(name, name) for name in settings.PEERS]
            return forms.ChoiceField(
                choices=choices, widget=UnfoldAdminSelectWidget(choices=choices)
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class IssueForm(forms.Form):
    """Who gets a key, and what for."""

    caller = forms.ChoiceField(
        choices=lambda: [(name, name) for name in settings.PEERS],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="What it is for; shown in the list.",
    )


@admin.register(InternalAPIKey)
class InternalAPIKeyAdmin(ReadOnlyModelAdmin):
    list_display = [
        "caller",
        "key_id",
        "state",
        "last_used_at",
        "safe_to_revoke",
        "note",
        "created_at",
    ]
    list_filter = ["state", "caller"]
    search_fields = ["key_id", "caller", "note"]
    exclude = ["digest"]
    readonly_fields = ["safe_to_revoke"]
    actions_list = ["issue"]
    actions_detail = ["rotate", "revoke"]

    @admin.display(description="safe to revoke?")
    def safe_to_revoke(self, key):
        is_safe, why = safe_to_revoke(key)
        return f"yes: {why}" if is_safe else f"no: {why}"

    @action(description="Issue a key", permissions=["operate"], url_path="issue")
    def issue(self, request):
        form = IssueForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title="Issue a key",
                text=f"The key is for calls to {settings.SERVICE}. It is shown once.",
                submit="Issue",
                form=form,
            )
        key = issue_key(form.cleaned_data["caller"], note=form.cleaned_data["note"])
        return self._show_once(request, key, "Issued.")

    @action(description="Rotate", permissions=["operate"], url_path="rotate")
    def rotate(self, request, object_id):
        key = self.row_or_404(request, object_id)
        if "apply" not in request.POST:
            return ask(
                self,
                request,
                title=f"Rotate {key}",
                text="A successor is made and shown once. "
                "The old key stays valid until you revoke it.",
                submit="Rotate",
            )
        successor = rotate_key(key)
        log_changes(request, [key], "Rotated.")
        return self._show_once(request, successor, f"Issued in place of {key.key_id}.")

    @action(description="Revoke", permissions=["operate"], url_path="revoke")
    def revoke(self, request, object_id):
        key = self.row_or_404(request, object_id)
        is_safe, why = safe_to_revoke(key)
        if "apply" not in request.POST:
            return ask(
                self,
                request,
                title=f"Revoke {key}",
                text="It is refused at most 15 seconds later. This cannot be undone.",
                submit="Revoke",
                warning="" if is_safe else f"Not safe: {why}.",
            )
        revoke_key(key)
        log_changes(request, [key], "Revoked.")
        self.message_user(request, f"{key} is revoked.")
        return HttpResponseRedirect(
            reverse("admin:peers_internalapikey_change", args=[key.pk])
        )

    def _show_once(self, request, text, log_message):
        # In the answer to the POST itself: a message would be stored in a cookie.
        key_id = text.split("_")[1]
        log_changes(request, InternalAPIKey.objects.filter(key_id=key_id), log_message)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "The new key",
            "key": text,
        }
        return TemplateResponse(request, "peers/new_key.html", context)
