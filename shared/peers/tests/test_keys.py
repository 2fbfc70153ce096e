"""The form of internal keys, and the two lines on which a shell gets them."""

import subprocess
import sys

from shared.peers.keys import new_secret, parse_key


def keys(*callees, secret=""):
    return subprocess.run(
        [sys.executable, "-m", "shared.peers.keys", *callees],
        input=secret,
        capture_output=True,
        text=True,
    )


def test_a_new_secret_is_printed_once():
    first, second = keys().stdout, keys().stdout

    assert parse_key(first.strip()).text == first.strip()
    assert first != second


def test_the_key_for_a_callee_is_the_one_that_a_caller_shows():
    secret = new_secret()

    done = keys("stock", secret=f"{secret.text}\n")

    assert done.stdout == f"{secret.for_callee('stock').text}\n"
    assert secret.secret not in done.stdout


def test_what_is_not_a_secret_is_refused_without_being_repeated():
    done = keys("stock", secret="hunter2\n")

    assert done.returncode == 1
    assert done.stderr == "an internal key has the form ik_<key id>_<secret>.\n"
    assert done.stdout == ""
