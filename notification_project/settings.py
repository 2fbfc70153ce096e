"""What is true of the notification service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += ["notification_project.notices", "notification_project.delivery"]
ROOT_URLCONF = "notification_project.urls"
WSGI_APPLICATION = "notification_project.wsgi.application"
