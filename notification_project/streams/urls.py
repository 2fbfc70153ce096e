"""Public routes of streams, below /api/v1/notifications/stream-tickets.

The streams themselves are served by asgi.py, in a process of its own.
"""

from django.urls import path

from .views import TicketsView

urlpatterns = [path("", TicketsView.as_view(), name="stream-tickets")]
