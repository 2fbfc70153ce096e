"""Admin of codes: did somebody ask for one, was it sent, how often was it tried?"""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Code


@admin.register(Code)
class CodeAdmin(ReadOnlyModelAdmin):
    list_display = ["email", "purpose", "tries", "created_at", "sent_at", "used_at"]
    list_filter = ["purpose"]
    search_fields = ["=email"]
    search_help_text = "Exact e-mail address"
    show_full_result_count = False
