"""Admin of the outbox: find a message, see why it waits, and act on it."""

from datetime import timedelta

import msgspec
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from shared.operators.pages import ReadOnlyModelAdmin, ReasonForm, ask, log_changes
from shared.wire.endpoints import ENDPOINTS
from shared.wire.events import EVENTS

from .explaining import explain
from .letters import (
    LetterError,
    cancel,
    edit_and_redeliver,
    editable_payload,
    pause,
    redeliver,
    resume,
    warning_before_new_key,
)
from .models import Destination, Lane, OutboxMessage

SHORT = 80  # characters of an error in a list


class DestinationFilter(admin.SimpleListFilter):
    """By destination, without reading the messages to learn which there are."""

    title = "destination"
    parameter_name = "destination"

    def lookups(self, request, model_admin):
        return [(name, name) for name in settings.PEERS]

    def queryset(self, request, queryset):
        return queryset.filter(destination=self.value()) if self.value() else queryset


class TypeFilter(admin.SimpleListFilter):
    """By endpoint or event type, as the contracts list them."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request, model_admin):
        calls = [name for name, item in ENDPOINTS.items() if item.is_keyed]
        return [(name, name) for name in sorted([*calls, *EVENTS])]

    def queryset(self, request, queryset):
        return queryset.filter(type=self.value()) if self.value() else queryset


class AgeFilter(admin.SimpleListFilter):
    """By age; beyond 30 days a redelivery needs a new key."""

    title = "older than"
    parameter_name = "older_than"
    AGES = {
        "1m": ("1 minute", timedelta(minutes=1)),
        "1h": ("1 hour", timedelta(hours=1)),
        "1d": ("1 day", timedelta(days=1)),
        "7d": ("7 days", timedelta(days=7)),
        "30d": ("30 days", timedelta(days=30)),
    }

    def lookups(self, request, model_admin):
        return [(value, title) for value, (title, _) in self.AGES.items()]

    def queryset(self, request, queryset):
        if self.value() not in self.AGES:
            return queryset
        _, age = self.AGES[self.value()]
        return queryset.filter(created_at__lt=timezone.now() - age)


class RateForm(forms.Form):
    """How fast dead letters go out."""

    per_second = forms.FloatField(
        label="Messages per second",
        min_value=0.01,
        max_value=1000,
        initial=5,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Oldest first; pausing the destination stops them.",
    )


class EditForm(forms.Form):
    """Another payload, another key, or both."""

    payload = forms.CharField(
        max_length=1_000_000, widget=UnfoldAdminTextareaWidget({"rows": 20})
    )
    new_key = forms.BooleanField(
        required=False,
        label="Send under a new idempotency key",
        widget=UnfoldBooleanSwitchWidget,
        help_text="Needed for an edited payload, and beyond an age of 30 days.",
    )


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyModelAdmin):
    list_display = [
        "type",
        "destination",
        "state_label",
        "age",
        "attempts",
        "deferrals",
        "last_outcome",
        "has_happened",
        "short_error",
        "not_before",
    ]
    list_filter = [
        "state",
        DestinationFilter,
        TypeFilter,
        AgeFilter,
        "kind",
        "happened",
    ]
    search_fields = ["id", "ordering_key", "traceparent"]
    search_help_text = "Message id, ordering key or trace id"
    ordering = ["-position"]
    show_full_result_count = False
    list_fullwidth = True
    actions = ["redeliver_now", "redeliver_slowly", "cancel_selected"]
    actions_detail = ["redeliver_one", "edit_one", "cancel_one"]
    fieldsets = [
        (
            None,
            {"fields": ["explanation", "id", "type", "kind", "destination", "state"]},
        ),
        (
            "Delivery",
            {
                "fields": [
                    "created_at",
                    "queued_at",
                    "not_before",
                    "first_attempt_at",
                    "attempts",
                    "deferrals",
                    "last_outcome",
                    "last_error",
                    "happened",
                    "reason",
                    "settled_at",
                    "copy_of",
                ]
            },
        ),
        (
            "Message",
            {
                "fields": [
                    "position",
                    "ordering_key",
                    "lane",
                    "trace_id",
                    "on_behalf_of",
                    "readable_payload",
                ]
            },
        ),
    ]
    readonly_fields = ["explanation", "trace_id", "readable_payload"]

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip().lower()
        if not term:
            return queryset, False
        trace_id = term.replace("-", "")
        found = Q(ordering_key=term) | Q(traceparent__startswith=f"00-{trace_id}-")
        try:
            found |= Q(id=term) | Q(copy_of=term)
            return queryset.filter(found), False
        except (forms.ValidationError, ValueError):
            return queryset.filter(
                Q(ordering_key=term) | Q(traceparent__startswith=f"00-{trace_id}-")
            ), False

    @admin.display(description="state", ordering="state")
    def state_label(self, message):
        return message.get_state_display()

    @admin.display(description="age", ordering="created_at")
    def age(self, message):
        return timesince(message.created_at, depth=1)

    @admin.display(description="happened?", ordering="happened")
    def has_happened(self, message):
        return message.happened

    @admin.display(description="last error")
    def short_error(self, message):
        error = message.reason or message.last_error
        return f"{error[:SHORT]}…" if len(error) > SHORT else error

    @admin.display(description="Why?")
    def explanation(self, message):
        return explain(message)

    @admin.display(description="trace id")
    def trace_id(self, message):
        return message.traceparent.split("-")[1] if message.traceparent else ""

    @admin.display(description="payload")
    def readable_payload(self, message):
        text = msgspec.json.format(message.payload, indent=2)
        return format_html('<pre class="whitespace-pre-wrap">{}</pre>', text)

    @admin.action(description="Redeliver", permissions=["operate"])
    def redeliver_now(self, request, queryset):
        self._redeliver(request, queryset, per_second=0)

    @admin.action(description="Redeliver slowly …", permissions=["operate"])
    def redeliver_slowly(self, request, queryset):
        form = RateForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title="Redeliver slowly",
                text="The dead letters of your selection are queued again, spread "
                "over time.",
                submit="Redeliver",
                form=form,
            )
        self._redeliver(request, queryset, **form.cleaned_data)
        return None

    @admin.action(description="Cancel …", permissions=["operate"])
    def cancel_selected(self, request, queryset):
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title="Cancel messages",
                text="What your selection still holds to be delivered will not be.",
                submit="Cancel these messages",
                form=form,
            )
        self._cancel(request, queryset, form.cleaned_data["reason"])
        return None

    @action(description="Redeliver", permissions=["operate"], url_path="redeliver")
    def redeliver_one(self, request, object_id):
        message = self.row_or_404(request, object_id)
        if "apply" not in request.POST:
            return ask(
                self,
                request,
                title="Redeliver",
                text=f"{message.type} goes to {message.destination} again, unchanged "
                f"and under its old key: the receiver acts once, whatever happened.",
                submit="Redeliver",
            )
        self._redeliver(request, self._only(message), per_second=0)
        return self._to(message)

    @action(description="Cancel", permissions=["operate"], url_path="cancel")
    def cancel_one(self, request, object_id):
        message = self.row_or_404(request, object_id)
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title="Cancel",
                text=f"{message.type} will not be delivered to {message.destination}.",
                submit="Cancel this message",
                form=form,
            )
        self._cancel(request, self._only(message), form.cleaned_data["reason"])
        return self._to(message)

    @action(description="Edit and redeliver", permissions=["operate"], url_path="edit")
    def edit_one(self, request, object_id):
        message = self.row_or_404(request, object_id)
        initial = {"payload": editable_payload(message)}
        form = EditForm(
            request.POST if "apply" in request.POST else None, initial=initial
        )
        copy = self._edit(request, message, form) if form.is_valid() else None
        if copy:
            return self._to(copy)
        return ask(
            self,
            request,
            title="Edit and redeliver",
            text=f"{message.type} to {message.destination}. The original is kept, "
            f"cancelled; the edited one is checked against its contract.",
            submit="Send this",
            form=form,
            warning=warning_before_new_key(message),
        )

    def _redeliver(self, request, queryset, *, per_second):
        rows = list(queryset.dead().only("position", "id", "type", "destination"))
        try:
            count = redeliver(rows, per_second=per_second)
        except LetterError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        log_changes(request, rows, "Redelivered.")
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"{count} queued. Only dead letters are.", level)

    def _cancel(self, request, queryset, reason):
        rows = list(queryset.open().only("position", "id", "type", "destination"))
        text, level = "", messages.SUCCESS
        try:
            text = f"{cancel(rows, reason=reason)} cancelled."
        except LetterError as error:
            text, level = str(error), messages.WARNING
        ended = OutboxMessage.objects.filter(
            pk__in=[row.pk for row in rows], state=OutboxMessage.State.CANCELLED
        )
        log_changes(request, ended, f"Cancelled: {reason}")
        self.message_user(request, text, level)

    def _edit(self, request, message, form):
        try:
            copy = edit_and_redeliver(message, **form.cleaned_data)
        except LetterError as error:
            form.add_error(None, str(error))
            return None
        if copy.pk == message.pk:
            log_changes(request, [message], "Redelivered.")
            self.message_user(request, "Queued, unchanged and under its old key.")
        else:
            log_changes(request, [message], f"Replaced by {copy.id}.")
            log_changes(request, [copy], f"Made from {message.id}.")
            self.message_user(request, "Queued under a new key.")
        return copy

    def _only(self, message):
        return OutboxMessage.objects.filter(pk=message.pk)

    def _to(self, message):
        return HttpResponseRedirect(
            reverse("admin:outbox_outboxmessage_change", args=[message.pk])
        )


@admin.register(Destination)
class DestinationAdmin(ReadOnlyModelAdmin):
    list_display = [
        "name",
        "state",
        "since",
        "paused",
        "pending",
        "oldest",
        "dead",
        "next_probe_at",
        "last_outcome",
    ]
    list_filter = ["state", "is_paused"]
    search_fields = ["name"]
    actions_detail = ["pause_one", "resume_one"]
    fieldsets = [
        (
            "The relay's view",
            {
                "fields": [
                    "name",
                    "state",
                    "since",
                    "next_probe_at",
                    "last_outcome",
                    "last_error",
                    "last_success_at",
                ]
            },
        ),
        ("Waiting", {"fields": ["pending", "oldest", "dead"]}),
        ("Pause", {"fields": ["is_paused", "pause_reason", "paused_at"]}),
    ]
    readonly_fields = ["pending", "oldest", "dead"]

    def get_queryset(self, request):
        pending = OutboxMessage.objects.pending()
        return (
            super()
            .get_queryset(request)
            .annotate(
                pending_count=_per_destination(pending, Count("pk")),
                dead_count=_per_destination(OutboxMessage.objects.dead(), Count("pk")),
                oldest_at=_per_destination(pending, Min("created_at")),
            )
        )

    @admin.display(description="paused", ordering="is_paused")
    def paused(self, destination):
        return destination.pause_reason if destination.is_paused else "no"

    @admin.display(description="pending", ordering="pending_count")
    def pending(self, destination):
        return destination.pending_count or 0

    @admin.display(description="dead letters", ordering="dead_count")
    def dead(self, destination):
        return destination.dead_count or 0

    @admin.display(description="oldest pending", ordering="oldest_at")
    def oldest(self, destination):
        oldest_at = destination.oldest_at
        return timesince(oldest_at, depth=1) if oldest_at else ""

    @action(description="Pause", permissions=["operate"], url_path="pause")
    def pause_one(self, request, object_id):
        destination = self.row_or_404(request, object_id)
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                title=f"Pause deliveries to {destination}",
                text="Messages are kept until you resume; nothing is lost.",
                submit="Pause",
                form=form,
            )
        reason = form.cleaned_data["reason"]
        in_flight = pause(destination.name, reason)
        log_changes(request, [destination], f"Paused: {reason}")
        text = f"{destination} is paused."
        if in_flight:
            text += f" {in_flight} lanes are in flight and finish what they hold."
        self.message_user(request, text)
        return self._to(destination)

    @action(description="Resume", permissions=["operate"], url_path="resume")
    def resume_one(self, request, object_id):
        destination = self.row_or_404(request, object_id)
        if "apply" not in request.POST:
            return ask(
                self,
                request,
                title=f"Resume deliveries to {destination}",
                text=f"{destination.pending_count or 0} pending messages will be "
                f"delivered, in order per key.",
                submit="Resume",
            )
        resume(destination.name)
        log_changes(request, [destination], "Resumed.")
        self.message_user(request, f"Deliveries to {destination} go on.")
        return self._to(destination)

    def _to(self, destination):
        return HttpResponseRedirect(
            reverse("admin:outbox_destination_change", args=[destination.pk])
        )


@admin.register(Lane)
class LaneAdmin(ReadOnlyModelAdmin):
    list_display = [
        "destination",
        "number",
        "leased_by",
        "leased_until",
        "token",
        "served_at",
    ]
    list_filter = ["destination"]
    search_fields = ["leased_by"]
    list_select_related = ["destination"]


def _per_destination(rows, number):
    """Return one number per destination, from an index of the messages."""
    found = rows.order_by().filter(destination=OuterRef("name")).values("destination")
    return Subquery(found.annotate(number=number).values("number"))
