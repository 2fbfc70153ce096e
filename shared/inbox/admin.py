"""Admin of the inbox: which calls and events were handled, and when."""

from uuid import UUID

from django.contrib import admin

from shared.operators.pages import ReadOnlyModelAdmin

from .models import InboxRecord


@admin.register(InboxRecord)
class InboxRecordAdmin(ReadOnlyModelAdmin):
    list_display = ["caller", "scope", "key", "status", "trace_id", "created_at"]
    list_filter = ["caller", "status"]
    search_fields = ["key", "trace_id"]
    search_help_text = "Idempotency key (the sender's message id) or trace id"
    show_full_result_count = False

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip().lower().replace("-", "")
        if not term:
            return queryset, False
        by_trace = queryset.filter(trace_id=term)
        try:
            return by_trace | queryset.filter(key=UUID(term)), False
        except ValueError:
            return by_trace, False
