"""The WSGI application of the endpoints that are compared."""

import os

from django.core.wsgi import get_wsgi_application

# shared/gunicorn.py has named the service's own settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "bench.served_settings"

application = get_wsgi_application()
