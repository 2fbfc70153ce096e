"""What is true of the course service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += [
    "course_project.learners",
    "course_project.catalogue",
    "course_project.reviews",
]
ROOT_URLCONF = "course_project.urls"
WSGI_APPLICATION = "course_project.wsgi.application"
# Instructors author here; they see their own rows.
STAFF_ROLES = {"admin", "instructor"}
