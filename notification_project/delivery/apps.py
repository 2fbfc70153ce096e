"""The delivery app."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "notification_project.delivery"
    label = "delivery"
    verbose_name = "Delivery"
