"""Secrets: made once, seen by their owner only."""

import json
import stat

from ops.callers import callers_of, derived_key, next_secret_file, write_callers
from ops.platform import SERVICES
from ops.prepare import make_keys
from ops.secrets import ensure_secrets, write_private
from shared.peers.keys import new_secret, parse_key


def _secret_files(platform):
    return {path: path.read_text() for path in sorted(platform.var.glob("*/secrets/*"))}


def test_every_service_gets_three_secrets_of_its_own(platform):
    made = ensure_secrets(platform)

    assert len(made) == 3 * len(SERVICES)
    contents = _secret_files(platform)
    assert sorted(contents) == sorted(made)
    assert len(set(contents.values())) == 3 * len(SERVICES)


def test_only_the_owner_may_read_them(platform):
    ensure_secrets(platform)

    files = list(platform.var.glob("*/secrets/*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    folders = {path.parent for path in files}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_making_them_again_keeps_them(platform):
    ensure_secrets(platform)
    before = _secret_files(platform)

    assert ensure_secrets(platform) == []
    assert _secret_files(platform) == before


def test_a_lost_or_empty_secret_is_made_again_and_the_others_kept(platform):
    ensure_secrets(platform)
    before = _secret_files(platform)
    lost = platform.var / "user" / "secrets" / "secret_key"
    empty = platform.var / "auth" / "secrets" / "internal_api_key"
    lost.unlink()
    empty.write_text("")

    assert sorted(ensure_secrets(platform)) == sorted([lost, empty])
    after = _secret_files(platform)
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {lost, empty}


def test_a_secret_that_others_could_read_is_closed_again(platform):
    ensure_secrets(platform)
    path = platform.var / "auth" / "secrets" / "secret_key"
    path.chmod(0o644)

    ensure_secrets(platform)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_secret_begins_a_variable_name(platform):
    ensure_secrets(platform)

    assert not any("$" in text for text in _secret_files(platform).values())


def test_each_callee_learns_a_digest_per_caller_and_no_secret(platform):
    ensure_secrets(platform)
    write_callers(platform)

    listed = callers_of(platform, "user")
    assert [row["caller"] for row in listed] == [
        name for name in SERVICES if name != "user"
    ]
    secret = (platform.var / "auth" / "secrets" / "internal_api_key").read_text()
    text = (platform.var / "user" / "callers.json").read_text()
    assert parse_key(secret.strip()).secret not in text
    assert derived_key(platform, "auth", "user").secret not in text
    assert listed[0]["digest"] == derived_key(platform, "auth", "user").digest


def test_a_caller_has_another_key_for_each_callee(platform):
    ensure_secrets(platform)

    assert derived_key(platform, "auth", "user") != derived_key(
        platform, "auth", "course"
    )


def test_unchanged_callers_leave_the_file_untouched(platform):
    ensure_secrets(platform)
    write_callers(platform)
    path = platform.var / "user" / "callers.json"
    before = path.stat()

    write_callers(platform)

    assert path.stat().st_ino == before.st_ino


def test_making_the_keys_again_changes_no_file(platform):
    make_keys(platform)
    before = _everything(platform)

    make_keys(platform)

    assert _everything(platform) == before


def test_while_a_secret_is_replaced_its_callees_know_both_keys(platform):
    make_keys(platform)
    new = new_secret()
    write_private(next_secret_file(platform, "auth"), new.text + "\n")

    make_keys(platform)

    rows = json.loads((platform.var / "user" / "callers.json").read_text())
    assert [row["key_id"] for row in rows if row["caller"] == "auth"] == [
        derived_key(platform, "auth", "user").key_id,
        new.key_id,
    ]


def _everything(platform):
    """Return every file with its content and the moment of its last change."""
    return {
        path: (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(platform.var.rglob("*"))
        if path.is_file()
    }
