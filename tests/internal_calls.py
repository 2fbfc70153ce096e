"""Requests to internal endpoints, as a peer or an intruder would send them."""

import json
from dataclasses import dataclass
from uuid import UUID, uuid4

import requests

from ops.callers import derived_key
from shared.testing.fleet import Fleet
from shared.wire.ids import uuid7

from .asking import ask


@dataclass(frozen=True)
class Door:
    """An internal endpoint, a caller that it knows and one that it does not serve."""

    callee: str
    method: str
    path: str
    caller: str
    other_caller: str
    is_keyed: bool = True

    def body(self) -> dict:
        """Return a request that this endpoint accepts, about a new person."""
        return _BODIES[self.path](str(uuid4()))


def _profile(user_id: str) -> dict:
    return {"user_id": user_id, "email": "ana@example.com", "role": "student"}


def _notice(user_id: str) -> dict:
    return {"user_id": user_id, "type": "system", "title": "Hello", "message": "Hi."}


def _event(user_id: str) -> dict:
    return {
        "id": str(uuid7()),
        "source": "auth",
        "type": "user.role_changed.v1",
        "subject": user_id,
        "time": "2026-01-01T00:00:00Z",
        "data": {
            "user_id": user_id,
            "role": "instructor",
            "changed_at": "2026-01-01T00:00:00Z",
        },
    }


def _credentials(user_id: str) -> dict:
    return {"email": f"{user_id}@example.com", "password": "wrong-horse-battery"}


PROFILE = "/api/v1/user/internal/profile/create"
NOTICE = "/api/v1/notification/internal/send"
CREDENTIALS = "/api/v1/auth/internal/credentials/verify"
COURSE_EVENTS = "/api/v1/course/internal/events"
EXERCISE_EVENTS = "/api/v1/exercise/internal/events"
_BODIES = {
    PROFILE: _profile,
    NOTICE: _notice,
    CREDENTIALS: _credentials,
    COURSE_EVENTS: _event,
    EXERCISE_EVENTS: _event,
}

# One per service. Everybody may ask auth, so nobody is refused there.
DOORS = (
    Door("user", "POST", PROFILE, "auth", "course"),
    Door("notification", "POST", NOTICE, "auth", ""),
    Door("auth", "POST", CREDENTIALS, "user", "", is_keyed=False),
    Door("course", "POST", COURSE_EVENTS, "auth", "notification"),
    Door("exercise", "POST", EXERCISE_EVENTS, "auth", "notification"),
)
KEYED_DOORS = tuple(door for door in DOORS if door.is_keyed)
GRANTED_DOORS = tuple(door for door in DOORS if door.other_caller)


def key_of(fleet: Fleet, caller: str, callee: str) -> str:
    """Return the key that *caller* shows to *callee*."""
    return derived_key(fleet.platform, caller, callee).text


def knock(
    fleet: Fleet,
    door: Door,
    *,
    key: str | bytes | None,
    body: object = None,
    data: bytes | None = None,
    idempotency_key: UUID | str | None = None,
    headers: dict[str, str | bytes] | None = None,
    method: str = "",
    path: str = "",
) -> requests.Response:
    """Send one request to *door*: a good one, but for what the arguments say.

    An *idempotency_key* of "" is left out.
    """
    if data is None:
        data = json.dumps(door.body() if body is None else body).encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    if key is not None:
        sent["X-Internal-API-Key"] = key
    if idempotency_key != "":
        sent["Idempotency-Key"] = str(idempotency_key or uuid7())
    return ask(
        method or door.method,
        fleet.url(door.callee) + (path or door.path),
        data=data,
        headers=sent,
    )
