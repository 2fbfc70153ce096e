"""Admin of sessions: who is signed in where, and end it."""

from django.contrib import admin
from django.utils import timezone

from shared.operators.pages import log_changes
from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Session
from .services import end_session


class LiveFilter(admin.SimpleListFilter):
    """By whether the device is still signed in."""

    title = "signed in"
    parameter_name = "live"

    def lookups(self, request, model_admin):
        return [("yes", "Signed in")]

    def queryset(self, request, queryset):
        if self.value() != "yes":
            return queryset
        return queryset.live(now=timezone.now())


@admin.register(Session)
class SessionAdmin(ReadOnlyModelAdmin):
    list_display = [
        "account",
        "user_agent",
        "address",
        "is_live",
        "created_at",
        "last_used_at",
        "end_reason",
    ]
    list_filter = [LiveFilter, "end_reason"]
    list_select_related = ["account"]
    search_fields = ["account__email__startswith", "=account__id", "=id", "=address"]
    search_help_text = "Start of the e-mail address, user id, session id or address"
    show_full_result_count = False
    actions = ["end"]

    @admin.display(description="signed in", boolean=True)
    def is_live(self, session):
        return session.is_live(timezone.now())

    @admin.action(description="End", permissions=["operate"])
    def end(self, request, queryset):
        reason = Session.EndReason.ENDED_BY_OPERATOR
        ended = [row for row in queryset if end_session(session=row, reason=reason)]
        log_changes(request, ended, "Ended.")
        self.message_user(request, f"{len(ended)} sessions ended.")
