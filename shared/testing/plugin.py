"""The pytest plugin for services that stand on shared; use it with ``-p``."""

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

_KEY_ID = "test"


# A wrapper runs before pytest-django reads the settings; and importing this module, as
# a test about it does, must not change what other tests start.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Give the process throwaway secrets and a data folder: no test needs its own."""
    folder = tempfile.mkdtemp(prefix="platform-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PLATFORM_VAR"] = folder
    os.environ["PLATFORM_RUN"] = str(Path(folder) / "run")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(32))
    os.environ.setdefault(
        "INTERNAL_API_KEY", f"ik_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    )
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    return (yield)


class Clock:
    """A clock that moves only when a test says so; call it for the seconds."""

    def __init__(self, seconds: float = 1_000.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        """Move on by *seconds*, or back."""
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture(autouse=True)
def _clean_process(settings: object) -> None:
    """Give every test a process that has learnt nothing from the one before."""
    from shared.client.discovery import directory
    from shared.peers.checking import checker
    from shared.server.revocation import revocations

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    directory.forget()
    checker.forget()
    revocations.forget()


@pytest.fixture(scope="session")
def _signing_key() -> object:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


@pytest.fixture
def token_for(_signing_key: object, monkeypatch: pytest.MonkeyPatch) -> object:
    """Give a function that makes valid access tokens of a person."""
    import json

    import jwt
    from django.conf import settings
    from jwt.algorithms import OKPAlgorithm

    from shared.server import keyset

    document = json.loads(OKPAlgorithm.to_jwk(_signing_key.public_key()))
    document["kid"] = _KEY_ID
    own_source = keyset.key_set.source
    is_remote = own_source is keyset.fetch_key_set

    def source() -> list[dict[str, str]]:
        return [document, *([] if is_remote else own_source())]

    monkeypatch.setattr(keyset.key_set, "source", source)
    monkeypatch.setattr(keyset.key_set, "_path", None)
    keyset.key_set.forget()

    def make(
        user_id: UUID,
        role: str = "student",
        email: str = "",
        name: str = "Test Person",
        sid: UUID | None = None,
        **claims: object,
    ) -> str:
        now = datetime.now(UTC)
        payload = {
            "iss": settings.JWT_ISSUER,
            "aud": settings.JWT_AUDIENCE,
            "type": "access",
            "sub": str(user_id),
            "role": role,
            "email": email or f"{user_id}@example.org",
            "name": name,
            "iat": now,
            "exp": now + timedelta(minutes=15),
            **({"sid": str(sid)} if sid else {}),
            **claims,
        }
        return jwt.encode(payload, _signing_key, "EdDSA", headers={"kid": _KEY_ID})

    yield make
    keyset.key_set.forget()


@pytest.fixture
def client_for(token_for: object) -> object:
    """Give a function that returns a REST client, signed in as a person or nobody."""
    from rest_framework.test import APIClient

    def make(user_id: UUID | None = None, **about: object) -> APIClient:
        client = APIClient()
        if user_id is not None:
            token = token_for(user_id, **about)
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture
def internal_key(db: None) -> object:
    """Give a function that returns a valid internal key of a calling service."""
    from shared.peers.issuing import issue_key

    keys: dict[str, str] = {}

    def make(caller: str) -> str:
        if caller not in keys:
            keys[caller] = issue_key(caller, note="test")
        return keys[caller]

    return make


@pytest.fixture
def call_internal(internal_key: object) -> object:
    """Give a function that sends a request to an internal endpoint, as a peer does."""
    from django.test import Client

    from shared.wire.ids import uuid7

    def send(
        endpoint: object,
        request: object,
        *,
        caller: str = "auth",
        key: UUID | None = None,
        headers: dict[str, str] | None = None,
    ) -> object:
        wire = endpoint.encode(request)
        all_headers = {"X-Internal-API-Key": internal_key(caller)}
        if endpoint.is_keyed:
            all_headers["Idempotency-Key"] = str(key or uuid7())
        return Client().generic(
            endpoint.method,
            wire.target,
            wire.body or b"",
            content_type="application/json",
            headers=all_headers | (headers or {}),
        )

    return send


@pytest.fixture
def deliver(call_internal: object) -> object:
    """Give a function that delivers an event to this service, as its publisher does."""
    import msgspec
    from django.conf import settings

    from shared.wire.endpoints import ENDPOINTS
    from shared.wire.events import Envelope, event_endpoint_name, event_type_of
    from shared.wire.ids import uuid7, uuid7_time

    def send(
        fact: object, *, publisher: str | None = None, key: UUID | None = None
    ) -> object:
        event_type = event_type_of(type(fact))
        key = key or uuid7()
        envelope = Envelope(
            id=str(key),
            source=event_type.publisher,
            type=event_type.type,
            subject=str(getattr(fact, event_type.subject)),
            # Of the key, so that the same event is the same request.
            time=uuid7_time(key).isoformat(),
            data=msgspec.Raw(msgspec.json.encode(fact)),
        )
        endpoint = ENDPOINTS[event_endpoint_name(settings.SERVICE)]
        caller = publisher or event_type.publisher
        return call_internal(endpoint, envelope, caller=caller, key=key)

    return send


@pytest.fixture
def erase_person(deliver: object) -> object:
    """Give a function that delivers the news that a person was erased just now."""
    from shared.contracts.events import UserErased
    from shared.wire.ids import uuid7, uuid7_time

    def erase(user_id: UUID, *, key: UUID | None = None) -> object:
        key = key or uuid7()
        # Of the key, so that the same event is the same request.
        return deliver(UserErased(user_id=user_id, erased_at=uuid7_time(key)), key=key)

    return erase


@pytest.fixture
def outbox(db: None) -> object:
    """Give a function that lists the pending messages of the outbox, in order."""
    from shared.outbox.models import OutboxMessage

    def pending() -> list[OutboxMessage]:
        return list(OutboxMessage.objects.pending().order_by("position"))

    return pending


@pytest.fixture
def drain_outbox(db: None) -> object:
    """Give a function that delivers what is due, as the relay does, in this thread.

    It returns how many messages it tried. With *seconds_later* it is that much later:
    back-off and pauses of breakers are over.
    """
    from shared.client.discovery import directory
    from shared.outbox.clock import DatabaseClock
    from shared.outbox.relay import Relay

    now = DatabaseClock()

    def drain(*, seconds_later: float = 0.0) -> int:
        if seconds_later:
            directory.forget()
        later = timedelta(seconds=seconds_later)
        return Relay(now=lambda: now() + later, chance=lambda: 1.0).drain()

    return drain


@pytest.fixture
def assert_published(db: None) -> object:
    """Give a function that finds an event in the outbox, once for each subscriber.

    It returns the fact. Of the *fields* that are named, each has its value.
    """
    from collections import defaultdict

    import msgspec

    from shared.outbox.models import OutboxMessage
    from shared.wire.events import Envelope, event_type_of

    def find(struct: type, **fields: object) -> object:
        event_type = event_type_of(struct)
        rows = OutboxMessage.objects.filter(
            kind=OutboxMessage.Kind.EVENT, type=event_type.type
        )
        destinations = defaultdict(list)
        for row in rows:
            envelope = msgspec.json.decode(row.payload, type=Envelope)
            destinations[event_type.decoder.decode(envelope.data)].append(
                row.destination
            )
        found = [
            fact
            for fact in destinations
            if all(getattr(fact, name) == value for name, value in fields.items())
        ]
        assert len(found) == 1, (
            f"{event_type.type} with {fields} was published {len(found)} times; "
            f"published: {list(destinations)}"
        )
        assert sorted(destinations[found[0]]) == sorted(event_type.subscribers)
        return found[0]

    return find


@pytest.fixture
def operator(db: None) -> object:
    """Give a browser in which a platform admin is signed in; ``user`` is who."""
    from django.test import Client
    from django.utils import timezone

    from shared.staff.models import StaffUser

    browser = Client()
    browser.user = StaffUser.objects.create(
        email="operator@example.org",
        full_name="Olga Operator",
        role="admin",
        is_staff=True,
        is_superuser=True,
        verified_at=timezone.now(),
    )
    browser.force_login(browser.user)
    return browser


@pytest.fixture
def faulty_peer(settings: object) -> object:
    """Give a function that puts a peer that can fail in the place of a service.

    Calling it again with the same name adds an instance.
    """
    from contextlib import ExitStack

    from shared.client.discovery import directory

    from .faulty_peer import FaultyPeer

    with ExitStack() as exits:
        urls: dict[str, list[str]] = {}

        def make(name: str) -> FaultyPeer:
            peer = exits.enter_context(FaultyPeer())
            urls.setdefault(name, []).append(peer.url)
            settings.PEERS = {**settings.PEERS, name: urls[name]}
            directory.forget()
            return peer

        yield make
        directory.forget()
