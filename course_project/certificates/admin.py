"""Certificates for operators: who was given which, and when."""

from django.contrib import admin

from shared.staff.admin_site import ReadOnlyModelAdmin

from .models import Certificate


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyModelAdmin):
    list_display = ["code", "name", "course_title", "user_id", "issued_at"]
    list_filter = ["skill", "level", "issued_at"]
    search_fields = ["=code", "=user_id", "name", "course_title"]
    search_help_text = "Exact code or user id, name, or course"
