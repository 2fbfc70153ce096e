"""Admin of access: what was revoked before its tokens expired."""

from django.contrib import admin

from shared.operators.pages import ReadOnlyModelAdmin

from .models import ErasedPerson, Revocation


@admin.register(Revocation)
class RevocationAdmin(ReadOnlyModelAdmin):
    list_display = ["kind", "subject", "at", "reason"]
    list_filter = ["kind", "reason"]
    search_fields = ["=subject"]
    search_help_text = "User id or session id"


@admin.register(ErasedPerson)
class ErasedPersonAdmin(ReadOnlyModelAdmin):
    list_display = ["user_id", "erased_at", "sweep_at", "sweeps"]
    list_filter = [("sweep_at", admin.EmptyFieldListFilter)]
    search_fields = ["=user_id"]
    search_help_text = "User id"
