"""Admin of the people who signed in here."""

# Registers Group, which has no use here: rights follow from the role.
import django.contrib.auth.admin  # noqa: F401 - imported for what it registers
from django.contrib import admin
from django.contrib.auth.models import Group

from .admin_site import ReadOnlyModelAdmin
from .models import StaffUser

admin.site.unregister(Group)


@admin.register(StaffUser)
class StaffUserAdmin(ReadOnlyModelAdmin):
    list_display = [
        "email",
        "full_name",
        "role",
        "is_staff",
        "is_active",
        "verified_at",
    ]
    list_filter = ["role", "is_staff", "is_active"]
    search_fields = ["email", "full_name", "=id"]
    fields = [
        "id",
        "email",
        "full_name",
        "role",
        "is_staff",
        "is_superuser",
        "is_active",
        "verified_at",
        "last_login",
        "created_at",
    ]
