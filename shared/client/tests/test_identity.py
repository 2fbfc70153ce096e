"""The secret of this process follows its file, and no key is made of two secrets."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.client.identity import LOOK_EVERY_SECONDS, Identity
from shared.peers.keys import new_secret


@pytest.fixture
def old():
    """The secret that the process begins with."""
    return new_secret()


@pytest.fixture
def file(tmp_path, old):
    """The file of the secret."""
    path = tmp_path / "internal_api_key"
    path.write_text(old.text + "\n")
    return path


def give(path, secret):
    """Replace the file in one step, as a rotation does."""
    draft = path.with_name("draft")
    draft.write_text(secret.text + "\n")
    draft.replace(path)


def test_a_replaced_file_is_noticed_without_a_refusal(file, old, clock):
    identity = Identity(old.text, file, clock=clock)
    new = new_secret()
    before = identity.key_for("user")
    give(file, new)

    at_once = identity.key_for("user")
    clock.advance(LOOK_EVERY_SECONDS)
    after = identity.key_for("user")

    assert (before, at_once) == (old.for_callee("user").text,) * 2
    assert after == new.for_callee("user").text


def test_a_file_replaced_before_the_first_call_counts(file, old, clock):
    new = new_secret()
    give(file, new)

    identity = Identity(old.text, file, clock=clock)

    assert identity.key_for("user") == new.for_callee("user").text


def test_an_unchanged_file_is_not_read(file, old, clock):
    identity = Identity(old.text, file, clock=clock)
    identity.key_for("user")
    read_at = file.stat().st_atime_ns
    os.utime(file, ns=(1, file.stat().st_mtime_ns))

    clock.advance(LOOK_EVERY_SECONDS)
    identity.key_for("user")

    assert read_at != 1
    assert file.stat().st_atime_ns == 1


@pytest.mark.parametrize("damage", ["missing", "empty", "half"])
def test_a_damaged_file_keeps_the_secret_and_a_mended_one_counts(
    file, old, clock, damage, caplog
):
    identity = Identity(old.text, file, clock=clock)
    identity.key_for("user")
    if damage == "missing":
        file.unlink()
    else:
        file.write_text({"empty": "", "half": "ik_half"}[damage])

    clock.advance(LOOK_EVERY_SECONDS)
    damaged = identity.key_for("user")
    new = new_secret()
    give(file, new)
    clock.advance(LOOK_EVERY_SECONDS)

    assert damaged == old.for_callee("user").text
    assert identity.key_for("user") == new.for_callee("user").text
    assert old.secret not in caplog.text


def test_a_secret_of_the_environment_has_no_file(old, clock):
    identity = Identity(old.text, None, clock=clock)
    clock.advance(LOOK_EVERY_SECONDS)

    assert identity.key_for("user") == old.for_callee("user").text
    assert identity.reload() is False


def test_no_thread_leaves_a_key_of_the_old_secret_behind(file, old):
    identity = Identity(old.text, file)
    callees = [f"peer{number}" for number in range(2000)]
    new = new_secret()

    with ThreadPoolExecutor(4) as pool:
        shown = pool.map(identity.key_for, callees, chunksize=50)
        give(file, new)
        identity.reload()
        list(shown)

    assert [identity.key_for(name) for name in callees] == [
        new.for_callee(name).text for name in callees
    ]
