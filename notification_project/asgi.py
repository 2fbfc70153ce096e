"""The ASGI application that gunicorn serves for the streams of notices."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notification_project.settings")
django.setup()

# The models it imports want Django to be set up.
from notification_project.streams.asgi import StreamApplication  # noqa: E402 - as said

application = StreamApplication()
