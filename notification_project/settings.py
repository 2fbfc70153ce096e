"""What is true of the notification service only; the rest is in shared.settings."""

from shared.settings import *

INSTALLED_APPS += [
    # Its consumers come before those of notices: the job locks a reminder, then what
    # its notice needs, and news of a profile must lock in the same order.
    "notification_project.reminders",
    "notification_project.notices",
    "notification_project.delivery",
    "notification_project.broadcasts",
    "notification_project.streams",
]
ROOT_URLCONF = "notification_project.urls"
WSGI_APPLICATION = "notification_project.wsgi.application"
# Streams open at a time: of one person, and in the process, which each costs a file.
STREAMS_PER_PERSON = env.int("STREAMS_PER_PERSON", default=5)
STREAMS_PER_PROCESS = env.int("STREAMS_PER_PROCESS", default=2000)
