"""The certificates app."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "course_project.certificates"
    label = "certificates"
    verbose_name = "Certificates"
