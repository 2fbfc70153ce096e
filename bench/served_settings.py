"""A service with one endpoint three times: by contract, by DRF, and for FastAPI."""

from shared.settings import *

ROOT_URLCONF = "bench.served_urls"
WSGI_APPLICATION = "bench.served_wsgi.application"
SILENCED_SYSTEM_CHECKS = ["contracts.E001", "contracts.E002", "contracts.E003"]
