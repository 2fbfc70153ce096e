"""The key set: never queues, keeps the last good copy, says when it has none."""

import base64
import json
import os
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.server.keyset import KeySet, KeySetUnavailableError
from shared.wire.errors import PeerUnavailable
from shared.wire.ids import uuid7

ADMINS = "/api/v1/course/admins"


def make_document(kid):
    """Return the public key document of a random key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid}


class Source:
    """Auth-service as the key set sees it."""

    def __init__(self, *documents):
        self.documents = list(documents)
        self.asked = 0
        self.is_away = False
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.is_asked = threading.Event()
        self.answered = threading.Semaphore(0)

    def __call__(self):
        self.asked += 1
        self.is_asked.set()
        assert self.may_answer.wait(10)
        self.answered.release()
        if self.is_away:
            raise PeerUnavailable("refused")
        return self.documents


@pytest.fixture
def path(tmp_path):
    return tmp_path / "auth" / "key_set.json"


def wait_until(condition):
    """Return when *condition* holds; a thread of the key set makes it so."""
    ends_at = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends_at
        threading.Event().wait(0.005)


def test_keys_are_asked_for_at_the_first_token_and_kept(path, clock):
    source = Source(make_document("a"))
    keys = KeySet(source, path, clock)

    assert keys.get("a") is not None
    assert keys.get("a") is not None

    assert source.asked == 1


def test_a_new_process_has_the_copy_on_disk(path, clock):
    KeySet(Source(make_document("a")), path, clock).get("a")
    away = Source()
    away.is_away = True

    assert KeySet(away, path, clock).get("a") is not None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"keys": [{}]}', '{"keys": 5}', "\x00"]
)
def test_a_broken_copy_on_disk_is_as_good_as_none(path, clock, text):
    path.parent.mkdir()
    path.write_text(text)

    assert KeySet(Source(make_document("a")), path, clock).get("a") is not None


def test_without_any_key_it_is_unavailable_and_not_refused(path, clock):
    source = Source()
    source.is_away = True

    with pytest.raises(KeySetUnavailableError) as error:
        KeySet(source, path, clock).get("a")

    assert error.value.status == 503
    assert error.value.retry_after == 1


def test_keys_last_while_auth_is_away(path, clock):
    source = Source(make_document("a"))
    keys = KeySet(source, path, clock)
    keys.get("a")
    source.is_away = True

    for _ in range(5):
        clock.advance(3600)
        assert keys.get("a") is not None


@pytest.mark.parametrize(
    "documents",
    [
        [],
        [{"kid": "b"}],
        [{"kid": "b", "kty": "RSA", "n": "AQAB", "e": "AQAB"}],
        [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}],
    ],
)
def test_an_answer_without_a_usable_key_replaces_nothing(path, clock, documents):
    source = Source(make_document("a"))
    keys = KeySet(source, path, clock)
    keys.get("a")
    copy = path.read_text()
    source.documents = documents
    clock.advance(10)

    assert keys.get("unknown") is None

    assert source.asked == 2
    assert keys.get("a") is not None
    assert path.read_text() == copy


def test_an_unknown_key_asks_at_once_but_not_at_every_forged_token(path, clock):
    source = Source(make_document("a"))
    keys = KeySet(source, path, clock)
    keys.get("a")
    clock.advance(6)
    source.documents.append(make_document("b"))

    assert keys.get("b") is not None
    for _ in range(50):
        assert keys.get(secrets.token_hex(4)) is None

    assert source.asked == 2


def test_who_comes_while_an_unknown_key_is_asked_for_gets_it_too(path, clock):
    source = Source(make_document("a"))
    keys = KeySet(source, path, clock)
    keys.get("a")
    clock.advance(6)
    source.documents.append(make_document("b"))
    source.may_answer.clear()
    source.is_asked.clear()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.get, "b")
        assert source.is_asked.wait(10)
        second = pool.submit(keys.get, "b")
        source.may_answer.set()

    assert first.result() is not None
    assert second.result() is not None
    assert source.asked == 2


def test_an_old_copy_on_disk_replaces_no_newer_keys(path, clock):
    path.parent.mkdir()
    os.mkfifo(path)  # a disk that answers when the test says so
    source = Source(make_document("new"))
    keys = KeySet(source, path, clock)

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(keys.get, "new") for _ in range(4)]
        with path.open("w") as copy:
            json.dump({"keys": [make_document("old")]}, copy)

    assert [one.result() is not None for one in asking] == [True] * 4
    assert source.asked == 1


def test_a_minute_later_it_is_refreshed_beside_the_request(path, clock):
    source = Source(make_document("a"))
    keys = KeySet(source, path, clock)
    keys.get("a")
    clock.advance(61)
    source.documents.append(make_document("b"))
    source.may_answer.clear()
    source.is_asked.clear()

    started = time.monotonic()
    assert keys.get("a") is not None
    assert time.monotonic() - started < 1
    assert source.is_asked.wait(10)
    threads = threading.active_count()
    for _ in range(50):
        assert keys.get("a") is not None
    assert threading.active_count() <= threads + 1
    source.may_answer.set()

    wait_until(lambda: len(json.loads(path.read_text())["keys"]) == 2)
    assert keys.get("b") is not None
    assert source.asked == 2


def test_without_keys_nobody_waits_longer_than_the_one_refresh(path, clock):
    source = Source()
    source.is_away = True
    source.may_answer.clear()
    keys, barrier, ends = KeySet(source, path, clock), threading.Barrier(9), []

    def ask():
        barrier.wait()
        started = time.monotonic()
        with pytest.raises(KeySetUnavailableError):
            keys.get("a")
        ends.append(time.monotonic() - started)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    barrier.wait()
    assert source.is_asked.wait(10)
    source.may_answer.set()
    for thread in threads:
        thread.join()

    assert len(ends) == 8
    assert max(ends) < 2 * 2
    assert source.asked <= 2


@pytest.mark.django_db
def test_a_token_is_503_and_not_401_while_there_is_no_key(client_for, monkeypatch):
    from shared.server import keyset

    client = client_for(uuid7(), role="admin")
    source = Source()
    source.is_away = True
    monkeypatch.setattr(keyset.key_set, "source", source)
    keyset.key_set.forget()

    answer = client.get(ADMINS)

    assert answer.status_code == 503
    assert answer.json()["code"] == "key_set_unavailable"
    assert answer["Retry-After"] == "1"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b.c", "é.ü.ß", "e30.e30.e30", "null", "Bearer", "." * 10_000],
)
def test_garbage_in_place_of_a_token_is_401(token_for, browser, token):
    answer = browser.get(ADMINS, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "someone"},
        {"aud": "elsewhere"},
        {"type": "refresh"},
        {"type": None},
        {"exp": 1},
        {"exp": None},
        {"sub": "not an id"},
        {"sub": 5},
        {"sid": "not an id"},
        {"role": None},
        {"iat": "yesterday"},
        {"iat": 10**18},
    ],
    ids=str,
)
def test_a_signed_token_with_a_wrong_claim_is_refused(token_for, browser, claims):
    token = token_for(uuid7(), **{"role": "admin"} | claims)

    answer = browser.get(ADMINS, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code in (401, 403)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_another_algorithm_is_refused(token_for, browser, algorithm):
    import jwt

    _, payload, _ = token_for(uuid7(), role="admin").split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    key = None if algorithm == "none" else "a-public-key-used-as-a-shared-secret"
    token = jwt.encode(claims, key, algorithm, headers={"kid": "test"})

    answer = browser.get(ADMINS, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


@pytest.mark.django_db
def test_a_clock_half_a_minute_off_is_tolerated(token_for, browser):
    now = int(time.time())
    early = token_for(uuid7(), role="admin", iat=now + 20, exp=now + 900)
    late = token_for(uuid7(), role="admin", exp=now - 20)
    too_late = token_for(uuid7(), role="admin", exp=now - 40)

    def status(token):
        headers = {"Authorization": f"Bearer {token}"}
        return browser.get(ADMINS, headers=headers).status_code

    assert [status(token) for token in (early, late, too_late)] == [200, 200, 401]
