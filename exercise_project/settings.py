"""What is true of the exercise service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += [
    "exercise_project.learners",
    "exercise_project.exercises",
    "exercise_project.attempts",
    "exercise_project.submissions",
]
ROOT_URLCONF = "exercise_project.urls"
WSGI_APPLICATION = "exercise_project.wsgi.application"
# Instructors author here; they see their own rows.
STAFF_ROLES = {"admin", "instructor"}
