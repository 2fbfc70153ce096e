"""The learners app."""

from django.apps import AppConfig


class LearnersConfig(AppConfig):
    name = "exercise_project.learners"
    label = "learners"
    verbose_name = "Learners"
