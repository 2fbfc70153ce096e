"""The catalogue app."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "course_project.catalogue"
    label = "catalogue"
    verbose_name = "Catalogue"
