"""Peers and their keys in the admin."""

import re

import pytest
from django.contrib.admin.models import LogEntry

from shared.peers.issuing import issue_key
from shared.peers.keys import digest_of
from shared.peers.models import InternalAPIKey, PeerService

pytestmark = pytest.mark.django_db
KEYS = "/admin/peers/internalapikey/"
PEERS = "/admin/peers/peerservice/"
KEY = re.compile(r"ik_[0-9a-z]{12}_[0-9A-Za-z_\-]{43}")


@pytest.fixture
def key(db):
    """A key of auth-service, and nobody knows it any more."""
    issue_key("auth", note="the first")
    return InternalAPIKey.objects.get()


def save_peer(operator, **fields):
    data = {"name": "user", "instances": "", "breaker_mode": "auto", **fields}
    return operator.post(f"{PEERS}add/", data)


def test_a_peer_is_saved_and_logged(operator):
    save_peer(
        operator, instances="http://127.0.0.1:9000", attempt_timeout_seconds="0.5"
    )

    row = PeerService.objects.get()
    assert (row.name, row.attempt_timeout_seconds) == ("user", 0.5)
    assert LogEntry.objects.get().object_id == str(row.pk)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"attempt_timeout_seconds": "20"}, "must not exceed the total timeout"),
        ({"breaker_window_seconds": "1"}, "at least twice the attempt timeout"),
        ({"max_attempts": "9"}, "attempts must be 1 to 5"),
        ({"instances": "ftp://elsewhere"}, "is not an address like"),
        ({"breaker_mode": "forced_open"}, "Say why, for the next operator."),
        ({"name": "nobody"}, "Select a valid choice"),
    ],
)
def test_a_policy_that_cannot_work_is_refused_with_the_reason(
    operator, fields, refusal
):
    page = save_peer(operator, **fields).content.decode()

    assert refusal in page
    assert not PeerService.objects.exists()


def test_a_key_is_issued_and_shown_once(operator):
    response = operator.post(
        f"{KEYS}issue/", {"apply": "1", "caller": "auth", "note": "a script"}
    )

    row = InternalAPIKey.objects.get()
    shown = KEY.search(response.content.decode()).group()
    assert row.digest == digest_of(shown)
    assert (row.caller, row.note) == ("auth", "a script")
    assert "no-store" in response["Cache-Control"]
    assert LogEntry.objects.get().change_message == "Issued."


def test_no_page_shows_a_digest_or_a_key(operator, key):
    pages = [KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/history/", "/admin/"]

    contents = [operator.get(path).content.decode() for path in pages]

    assert not any(key.digest in page or KEY.search(page) for page in contents)


def test_the_list_says_whether_a_key_is_safe_to_revoke(operator, key):
    page = operator.get(KEYS).content.decode()

    assert "no: it is the only valid key of auth" in page


def test_a_rotation_keeps_the_old_key_until_it_is_revoked(operator, key):
    response = operator.post(f"{KEYS}{key.pk}/rotate/", {"apply": "1"})

    key.refresh_from_db()
    successor = InternalAPIKey.objects.exclude(pk=key.pk).get()
    assert key.state == InternalAPIKey.State.RETIRING
    assert successor.digest == digest_of(KEY.search(response.content.decode()).group())
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Rotated.",
        f"Issued in place of {key.key_id}.",
    ]


def test_a_revocation_warns_first(operator, key):
    page = operator.get(f"{KEYS}{key.pk}/revoke/").content.decode()

    key.refresh_from_db()
    assert "Not safe: it is the only valid key of auth." in page
    assert key.state == InternalAPIKey.State.ACTIVE


def test_a_key_is_revoked_and_logged(operator, key):
    operator.post(f"{KEYS}{key.pk}/revoke/", {"apply": "1"})

    key.refresh_from_db()
    assert key.state == InternalAPIKey.State.REVOKED
    assert LogEntry.objects.get().change_message == "Revoked."


@pytest.mark.parametrize("path", ["issue", "{pk}/rotate", "{pk}/revoke"])
def test_people_without_the_right_touch_no_key(operator, key, path):
    type(operator.user).objects.update(is_superuser=False)

    response = operator.post(
        f"{KEYS}{path.format(pk=key.pk)}/", {"apply": "1", "caller": "auth"}
    )

    assert response.status_code == 403
    assert list(InternalAPIKey.objects.values_list("state", flat=True)) == ["active"]
