"""manage.py internal_keys: what operators and scripts do with keys."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from shared.peers.issuing import issue_key, retire_key, revoke_key, safe_to_revoke
from shared.peers.models import InternalAPIKey

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Run the command; return what it prints."""
    out = io.StringIO()
    call_command("internal_keys", *arguments, stdout=out)
    return out.getvalue()


def make_key(caller="auth", *, used_ago=None, state="active"):
    """Store a key of *caller* that was last used *used_ago* ago."""
    issue_key(caller)
    key = InternalAPIKey.objects.latest("pk")
    key.state = state
    key.last_used_at = used_ago and timezone.now() - used_ago
    key.save()
    return key


def test_registering_a_file_again_changes_nothing(tmp_path):
    path = tmp_path / "callers.json"
    row = {"caller": "auth", "key_id": "0123456789ab", "digest": "d" * 64}
    path.write_text(json.dumps([row]))

    first = run("register", "--from-file", str(path))
    revoke_key(InternalAPIKey.objects.get())
    second = run("register", "--from-file", str(path))

    assert first.startswith("1 keys registered, 0 known")
    assert second.startswith("0 keys registered, 1 known")
    assert InternalAPIKey.objects.get().state == "revoked"


def test_a_retired_key_is_accepted_until_it_is_revoked():
    key = make_key()

    printed = run("retire", key.key_id)

    assert printed == f"{key.key_id} is retiring.\n"
    assert list(InternalAPIKey.objects.valid()) == [key]


@pytest.mark.parametrize("command", ["retire", "rotate"])
def test_nothing_brings_a_revoked_key_back(command):
    key = make_key(state="revoked")

    run(command, key.key_id)

    key.refresh_from_db()
    assert key.state == "revoked"


def test_the_list_for_programs_says_what_the_table_says():
    old = make_key(used_ago=timedelta(minutes=5), state="retiring")
    new = make_key(used_ago=timedelta(minutes=1))

    rows = {row["key_id"]: row for row in json.loads(run("list", "--json"))}

    assert rows.keys() == {old.key_id, new.key_id}
    assert rows[old.key_id]["is_safe_to_revoke"] is True
    assert rows[old.key_id]["state"] == "retiring"
    assert rows[new.key_id]["last_used_at"] == new.last_used_at.isoformat()
    assert f"{old.key_id}    auth          retiring  yes" in run("list")
    assert "digest" not in rows[old.key_id]


@pytest.mark.parametrize(
    ("state", "used_ago", "is_safe"),
    [
        ("active", timedelta(minutes=59), False),
        ("active", timedelta(minutes=61), True),
        ("retiring", timedelta(seconds=110), False),
        ("retiring", timedelta(seconds=130), True),
        ("retiring", None, True),
        ("revoked", None, False),
    ],
)
def test_a_key_is_safe_to_revoke_when_another_took_over(state, used_ago, is_safe):
    key = make_key(used_ago=used_ago, state=state)
    make_key(used_ago=timedelta(seconds=1))

    assert safe_to_revoke(key)[0] is is_safe


def test_a_key_used_after_every_other_is_not_safe_to_revoke():
    key = make_key(used_ago=timedelta(hours=2), state="retiring")
    make_key(used_ago=timedelta(hours=3))

    assert safe_to_revoke(key) == (False, "auth used it after every other key")


def test_the_only_key_is_revoked_by_force_only():
    key = make_key()

    with pytest.raises(CommandError, match="the only valid key of auth"):
        run("revoke", key.key_id)
    run("revoke", key.key_id, "--force")

    key.refresh_from_db()
    assert key.state == "revoked"


def test_retiring_says_so_in_the_object_too():
    key = make_key()

    retire_key(key)

    assert key.state == "retiring"


def test_several_keys_are_revoked_at_once_and_unknown_ones_left_out():
    keys = [make_key(), make_key()]
    ids = [key.key_id for key in keys]

    with pytest.raises(CommandError, match="There is no key abcdef here"):
        run("retire", "abcdef", *ids)
    run("revoke", "abcdef", *ids, "--missing-ok", "--force")

    states = InternalAPIKey.objects.values_list("state", flat=True)
    assert list(states) == ["revoked", "revoked"]
