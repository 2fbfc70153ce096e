"""What the tests of auth start from: keys to sign with, accounts, many at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.test import APIClient

from auth_project.accounts.models import Account
from auth_project.accounts.services import register_account
from auth_project.sessions.signing_keys import signing_keys
from shared.server.keyset import key_set

PASSWORD = "correct horse battery"


class WallClock:
    """The time of day, which moves only when a test says so."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by the parts of a timedelta."""
        self.now += timedelta(**duration)


@pytest.fixture
def wall_clock():
    """Give a clock that services take in the place of the real one."""
    return WallClock()


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.JWT_KEYS_DIR = tmp_path / "jwt_keys"
    settings.DEMO_PASSWORD_FILE = tmp_path / "secrets" / "demo_password"
    signing_keys().ensure()
    key_set.forget()


@pytest.fixture
def make_account(db):
    """Give a function that registers somebody; the password is PASSWORD."""

    def make(email: str = "ana@example.org", **about: object) -> Account:
        return register_account(email=email, password=PASSWORD, **about)

    return make


@pytest.fixture
def ana(make_account):
    """Give a registered learner."""
    return make_account(full_name="Ana")


@pytest.fixture
def post():
    """Give a function that posts JSON to auth as somebody who is not signed in."""

    def send(path: str, body: object, **headers: str) -> object:
        return APIClient().post(f"/api/v1/auth/{path}", body, format="json", **headers)

    return send


@pytest.fixture
def sign_in(post):
    """Give a function that signs in on a new device and returns the answer's JSON."""

    def enter(email: str = "ana@example.org", agent: str = "Browser") -> dict:
        response = post(
            "login", {"email": email, "password": PASSWORD}, HTTP_USER_AGENT=agent
        )
        assert response.status_code == 200
        return response.json()

    return enter


@pytest.fixture
def bearer():
    """Give a function that returns a client with an access token."""

    def make(access_token: str) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token}")
        return client

    return make


@pytest.fixture
def at_once():
    """Give a function that runs another many times at the same time."""

    def run(times: int, function: Callable[[int], object]) -> list[object]:
        def call(number: int) -> object:
            try:
                return function(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(max_workers=times) as pool:
            return list(pool.map(call, range(times)))

    return run
