"""The reviews app."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "course_project.reviews"
    label = "reviews"
    verbose_name = "Reviews"
