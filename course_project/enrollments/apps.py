"""The enrollments app."""

from django.apps import AppConfig


class EnrollmentsConfig(AppConfig):
    name = "course_project.enrollments"
    label = "enrollments"
    verbose_name = "Enrollments"
