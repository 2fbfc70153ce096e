"""The WSGI application that gunicorn serves for the notification service."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notification_project.settings")

application = get_wsgi_application()
