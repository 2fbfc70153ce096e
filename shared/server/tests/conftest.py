"""A service with a few doors, asked as a peer or as a person."""

import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def _doors(settings):
    settings.ROOT_URLCONF = "shared.server.tests.routes"


@pytest.fixture
def browser():
    """Give a client that sees answers instead of exceptions."""
    return Client(raise_request_exception=False)


@pytest.fixture
def peer_headers(internal_key):
    """Give the headers of a call by auth-service."""
    return {"X-Internal-API-Key": internal_key("auth")}
