"""Admin of streams: who asked for a ticket, and was it used?"""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import LastPosition, Ticket


@admin.register(Ticket)
class TicketAdmin(ReadOnlyModelAdmin):
    list_display = ["created_at", "user_id", "session_id", "expires_at", "used_at"]
    list_filter = ["created_at"]
    search_fields = ["=user_id", "=session_id"]
    exclude = ["digest"]


@admin.register(LastPosition)
class LastPositionAdmin(ReadOnlyModelAdmin):
    list_display = ["id", "value"]
