"""Events come in at one door, and contracts agree with the code that serves them."""

from datetime import UTC, datetime

import msgspec
import pytest
from django.urls import path

from shared.contracts.checks import check_endpoints, check_subscriptions
from shared.contracts.events import UserRegistered
from shared.contracts.user import CreateProfile, create_profile
from shared.inbox import consumers as registry
from shared.inbox.consumers import consumes
from shared.inbox.models import InboxRecord
from shared.server.serves import mount, serves
from shared.wire.endpoints import ENDPOINTS
from shared.wire.events import EVENTS, Envelope, event_type_of
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db

ENDPOINT = "POST /api/v1/course/internal/events"


@pytest.fixture
def taken(monkeypatch):
    """Give the facts that a consumer of this test has taken."""
    facts = []
    own = {"user.registered.v1": [facts.append]}
    monkeypatch.setitem(registry._consumers, *own.popitem())
    return facts


def make_fact(**fields):
    defaults = {
        "user_id": uuid7(),
        "email": "an@example.org",
        "full_name": "An",
        "role": "student",
        "registered_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return UserRegistered(**defaults | fields)


def make_envelope(data=None, **fields):
    key = str(uuid7())
    defaults = {
        "id": key,
        "source": "auth",
        "type": "user.registered.v1",
        "subject": key,
        "time": "2026-01-01T00:00:00Z",
        "data": msgspec.Raw(data or msgspec.json.encode(make_fact())),
    }
    return Envelope(**defaults | fields)


def test_an_event_reaches_its_consumer_once(deliver, taken):
    fact, key = make_fact(), uuid7()

    first, second = deliver(fact, key=key), deliver(fact, key=key)

    assert first.status_code == second.status_code == 200
    assert taken == [fact]
    assert InboxRecord.objects.count() == 1


def test_a_service_delivers_only_what_it_publishes(deliver, taken):
    answer = deliver(make_fact(), publisher="user")

    assert answer.status_code == 403
    assert answer.json()["code"] == "caller_not_allowed"
    assert taken == []


def test_a_service_that_publishes_nothing_here_is_refused(deliver, taken):
    assert deliver(make_fact(), publisher="notification").status_code == 403
    assert taken == []


@pytest.mark.parametrize("type_", ["user.registered.v2", "", "lesson", "x" * 10_000])
def test_an_unknown_type_is_left_for_a_newer_release(call_internal, type_):
    answer = call_internal(ENDPOINTS[ENDPOINT], make_envelope(type=type_))

    assert answer.status_code == 404
    assert answer.json()["code"] == "unknown_event_type"
    assert not InboxRecord.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"user_id": "x"}',
        b'"\\u0000"',
        b'{"full_name": "bell\\u0007"}',
        b'{"full_name": "\\b"}',
    ],
)
def test_data_that_breaks_the_contract_is_400(internal_key, browser_of_peers, data):
    answer = browser_of_peers(data)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_request"


@pytest.fixture
def browser_of_peers(internal_key):
    """Give a function that posts an envelope around raw *data*."""
    from django.test import Client

    def send(data):
        key = str(uuid7())
        body = (
            b'{"id": "x", "source": "auth", "type": "user.registered.v1", '
            b'"subject": "x", "time": "x", "data": ' + data + b"}"
        )
        return Client(raise_request_exception=False).post(
            "/api/v1/course/internal/events",
            body,
            content_type="application/json",
            headers={
                "X-Internal-API-Key": internal_key("auth"),
                "Idempotency-Key": key,
            },
        )

    return send


@pytest.mark.parametrize("name", ["bell\\u0007", "nul\\u0000", "\\f", "half\\ud800"])
def test_odd_characters_in_an_event_are_refused(browser_of_peers, taken, name):
    fact = msgspec.json.encode(make_fact()).replace(b'"An"', f'"{name}"'.encode())

    assert browser_of_peers(fact).status_code == 400
    assert taken == []


def test_an_escaped_letter_in_an_event_is_a_letter(browser_of_peers, taken):
    fact = msgspec.json.encode(make_fact()).replace(b'"An"', b'"\\u00c1n"')

    assert browser_of_peers(fact).status_code == 200
    assert taken[0].full_name == "Án"


def test_unknown_members_are_ignored(browser_of_peers, taken):
    fact = msgspec.json.encode(make_fact())[:-1] + b', "new": {"in": ["v1"]}}'

    assert browser_of_peers(fact).status_code == 200
    assert len(taken) == 1


def test_a_consumer_that_fails_leaves_no_record(deliver, taken, monkeypatch):
    def fail(fact):
        raise ZeroDivisionError

    monkeypatch.setitem(registry._consumers, "user.registered.v1", [fail])
    with pytest.raises(ZeroDivisionError):
        deliver(make_fact())

    assert not InboxRecord.objects.exists()


def test_a_consumer_in_a_service_that_does_not_listen_has_no_effect(settings):
    settings.SERVICE = "user"
    before = len(registry.consumers_of(event_type_of(UserRegistered)))

    consumes(UserRegistered)(lambda fact: None)

    assert len(registry.consumers_of(event_type_of(UserRegistered))) == before


# ── checks ───────────────────────────────────────────────────────────────────


class Routes:
    """A URLconf of one test."""

    def __init__(self, *patterns):
        self.urlpatterns = list(patterns)


def check_with(settings, service, *patterns):
    settings.SERVICE = service
    settings.ROOT_URLCONF = Routes(*patterns)
    return check_endpoints(None)


@serves(create_profile)
def create(request: CreateProfile, caller):
    raise NotImplementedError


def test_a_contract_without_a_view_is_refused(settings):
    errors = check_with(settings, "user", *mount(create))

    missing = {error.msg.split(" is declared")[0] for error in errors}
    assert {error.id for error in errors} == {"contracts.E001"}
    assert create_profile.name not in missing
    assert "GET /api/v1/user/internal/profiles" in missing


def test_an_internal_view_without_a_contract_is_refused(settings):
    def plain(request):
        raise NotImplementedError

    errors = check_with(settings, "user", path("api/v1/user/internal/x", plain))

    assert "contracts.E002" in {error.id for error in errors}


def test_a_subscriber_without_a_consumer_is_refused(settings, monkeypatch):
    settings.SERVICE = "exercise"
    monkeypatch.setattr(registry, "_consumers", registry._consumers.__class__(list))

    errors = check_subscriptions(None)

    named = {error.msg.split(" lists")[0] for error in errors}
    expected = {
        name for name, known in EVENTS.items() if "exercise" in known.subscribers
    }
    assert named == expected
    assert {error.id for error in errors} == {"contracts.E003"}
