"""The delivery log for operators: did it go out, why not, send it again."""

from django.contrib import admin, messages

from shared.operators.pages import log_changes
from shared.staff.admin_site import ReadOnlyModelAdmin

from . import services
from .models import Delivery

SHORT = 80  # characters of an error in a list


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyModelAdmin):
    list_display = [
        "created_at",
        "user_id",
        "type",
        "channel",
        "state",
        "attempts",
        "not_before",
        "sent_at",
        "reason",
        "short_error",
    ]
    list_filter = ["state", "channel", "reason", "notice__type", "created_at"]
    list_select_related = ["notice"]
    search_fields = ["=id", "=user_id", "=notice__id"]
    search_help_text = "Id of the delivery (as in the Message-ID), person or notice"
    show_full_result_count = False
    actions = ["send_again"]

    @admin.display(description="type", ordering="notice__type")
    def type(self, delivery):
        return delivery.notice.type

    @admin.display(description="last error")
    def short_error(self, delivery):
        error = delivery.last_error
        return f"{error[:SHORT]}…" if len(error) > SHORT else error

    @admin.action(description="Send again", permissions=["operate"])
    def send_again(self, request, queryset):
        ended = list(queryset.ended_unsent())
        count = services.send_again(delivery_ids=[row.pk for row in ended])
        log_changes(request, ended, "Queued again.")
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(
            request, f"{count} queued. Only failed and suppressed ones are.", level
        )
