"""The learners app."""

from django.apps import AppConfig


class LearnersConfig(AppConfig):
    name = "course_project.learners"
    label = "learners"
    verbose_name = "Learners"
