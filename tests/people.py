"""Learners, as they come to the gateway."""

import json
import time
from dataclasses import dataclass, replace
from uuid import uuid4

import requests

from shared.testing.fleet import Fleet

from .asking import ask
from .records import execute

PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class Person:
    """Somebody who has registered, with the tokens of the first sign-in."""

    id: str
    email: str
    full_name: str
    access_token: str
    refresh_token: str
    trace_id: str
    seconds: float


def new_email() -> str:
    """Return an address that nobody has."""
    return f"{uuid4().hex}@example.com"


def try_to_register(
    fleet: Fleet, *, email: str, full_name: str = "Ana Lopez"
) -> requests.Response:
    """Send a registration through the gateway."""
    return ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/register",
        json={"email": email, "password": PASSWORD, "full_name": full_name},
    )


def register(fleet: Fleet, *, full_name: str = "Ana Lopez") -> Person:
    """Register a new person through the gateway; anything but 201 is a failure."""
    email = new_email()
    began = time.monotonic()
    response = try_to_register(fleet, email=email, full_name=full_name)
    seconds = time.monotonic() - began
    assert response.status_code == 201, response.text
    answer = response.json()
    return Person(
        id=answer["user"]["id"],
        email=email,
        full_name=full_name,
        access_token=answer["access_token"],
        refresh_token=answer["refresh_token"],
        trace_id=response.headers["X-Trace-ID"],
        seconds=seconds,
    )


def register_as(fleet: Fleet, role: str) -> Person:
    """Register a new person, give them *role* behind auth's back, sign in again."""
    person = register(fleet)
    if role == "student":
        return person
    sql = "UPDATE accounts_account SET role = ? WHERE email = ?"
    assert execute(fleet, "auth", sql, role, person.email) == 1
    response = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/login",
        json={"email": person.email, "password": PASSWORD},
    )
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["user"]["role"] == role
    return replace(
        person,
        access_token=answer["access_token"],
        refresh_token=answer["refresh_token"],
    )


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo world, with its password."""

    email: str
    password: str
    role: str


def demo_account(fleet: Fleet, role: str) -> DemoAccount:
    """Return the demo account with this role."""
    path = fleet.platform.var / "auth" / "demo_accounts.json"
    for account in json.loads(path.read_text()):
        if account["role"] == role:
            return DemoAccount(account["email"], account["password"], role)
    raise LookupError(f"There is no demo account with the role {role}.")
