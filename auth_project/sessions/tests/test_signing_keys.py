"""Signing keys: made once, published before they sign, retired after their tokens."""

import stat

import jwt
import pytest

from auth_project.sessions.errors import KeyRotationError, NoSigningKeyError
from auth_project.sessions.signing_keys import KeyRing, SigningKeyStore, published_keys


@pytest.fixture
def store(tmp_path):
    return SigningKeyStore(tmp_path / "keys")


def published(store):
    return [key.kid for key in store.ring().keys]


def test_the_first_key_signs_at_once_and_is_made_once(store, wall_clock):
    first = store.ensure(clock=wall_clock)
    again = store.ensure(clock=wall_clock)

    assert first.kid == again.kid
    assert store.ring().signing_key(wall_clock()).kid == first.kid
    assert published(store) == [first.kid]


def test_a_new_key_is_published_at_once_and_signs_after_a_minute(store, wall_clock):
    old = store.ensure(clock=wall_clock)

    new = store.rotate(clock=wall_clock)

    wall_clock.advance(seconds=59)
    assert published(store) == [old.kid, new.kid]
    assert store.ring().signing_key(wall_clock()).kid == old.kid
    wall_clock.advance(seconds=1)
    assert store.ring().signing_key(wall_clock()).kid == new.kid
    assert published(store) == [old.kid, new.kid]


def test_a_second_rotation_waits_for_the_first(store, wall_clock):
    store.ensure(clock=wall_clock)
    store.rotate(clock=wall_clock)

    with pytest.raises(KeyRotationError):
        store.rotate(clock=wall_clock)
    wall_clock.advance(seconds=60)
    store.rotate(clock=wall_clock)

    assert len(published(store)) == 3


def test_a_key_is_retired_when_no_token_of_it_can_live(store, wall_clock):
    old = store.ensure(clock=wall_clock)
    new = store.rotate(clock=wall_clock)

    # A minute until it stops signing, fifteen of its last token, leeway and margin.
    wall_clock.advance(minutes=1 + 15, seconds=30 + 59)
    with pytest.raises(KeyRotationError):
        store.retire(clock=wall_clock)
    wall_clock.advance(seconds=1)
    retired = store.retire(clock=wall_clock)

    assert [key.kid for key in retired] == [old.kid]
    assert published(store) == [new.kid]


def test_a_leaked_key_can_be_retired_by_force_once_it_is_replaced(
    store, wall_clock, tmp_path
):
    leaked = store.ensure(clock=wall_clock)
    new = store.rotate(clock=wall_clock)

    assert store.retire_now(clock=wall_clock) == []
    wall_clock.advance(seconds=60)
    assert [key.kid for key in store.retire_now(clock=wall_clock)] == [leaked.kid]

    assert published(store) == [new.kid]
    assert [path.stem for path in (tmp_path / "keys").glob("*.pem")] == [new.kid]


def test_another_process_notices_a_rotation_at_its_next_token(store, tmp_path):
    other = SigningKeyStore(tmp_path / "keys")
    store.ensure()
    assert published(other) == published(store)

    store.rotate()

    assert published(other) == published(store)
    assert len(published(other)) == 2


def test_only_the_owner_can_read_the_keys(store, tmp_path):
    store.ensure()

    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_parallel_first_starts_make_one_key(tmp_path, at_once):
    keys = at_once(8, lambda number: SigningKeyStore(tmp_path / "keys").ensure().kid)

    assert len(set(keys)) == 1
    assert len(list((tmp_path / "keys").glob("*.pem"))) == 1


def test_an_empty_ring_signs_nothing(store, wall_clock):
    assert store.ring() == KeyRing(())
    with pytest.raises(NoSigningKeyError):
        store.ring().signing_key(wall_clock())


def test_the_published_set_holds_no_private_part():
    for document in published_keys():
        assert "d" not in document
        assert jwt.PyJWK(document).key_id == document["kid"]
