"""What is true of the course service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += [
    "course_project.learners",
    "course_project.catalogue",
    "course_project.reviews",
    "course_project.certificates",
    "course_project.enrollments",
]
ROOT_URLCONF = "course_project.urls"
WSGI_APPLICATION = "course_project.wsgi.application"
# Two things have a state; the OpenAPI document tells them apart.
SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"] = {
    "CourseStateEnum": "course_project.catalogue.models.Course.State",
    "EnrollmentStateEnum": "course_project.enrollments.models.Enrollment.State",
}
