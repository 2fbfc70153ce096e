"""Settings for the tests of shared itself: a service without apps of its own."""

import os

# The kit's tests speak as course: a subscriber of auth's events and a caller of user.
os.environ.setdefault("SERVICE", "course")

from shared.settings import *

ROOT_URLCONF = "shared.testing.urls"
# It has no apps, so nothing of its own serves the endpoints of the service it speaks
# as, or reacts to the events that it subscribes to.
SILENCED_SYSTEM_CHECKS = ["contracts.E001", "contracts.E003"]
