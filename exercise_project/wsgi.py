"""The WSGI application that gunicorn serves for the exercise service."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exercise_project.settings")

application = get_wsgi_application()
