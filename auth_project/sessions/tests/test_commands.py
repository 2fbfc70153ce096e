"""`manage.py jwt_keys`."""

import io

import pytest
from django.core.management import CommandError, call_command

from auth_project.sessions.signing_keys import signing_keys


def run(*arguments):
    output = io.StringIO()
    call_command("jwt_keys", *arguments, stdout=output)
    return output.getvalue()


def test_keys_are_listed_with_their_use():
    (key,) = signing_keys().ring().keys

    assert run("ensure") == f"Key {key.kid} signs.\n"
    run("rotate")
    lines = run("list").splitlines()

    assert "signs since" in lines[0]
    assert "next, signs from" in lines[1]


def test_an_early_rotation_is_refused_in_one_sentence():
    run("rotate")

    with pytest.raises(CommandError, match="rotate again after that"):
        run("rotate")


def test_nothing_is_retired_before_a_rotation():
    assert run("retire") == "Retired: none.\n"
    assert run("retire", "--force") == "Retired: none.\n"
