"""One spelling per e-mail address."""

import pytest

from auth_project.accounts.addresses import normalise_email


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ana@example.org", "ana@example.org"),
        (" Ana@Example.ORG ", "ana@example.org"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("ana@..", "ana@.."),
        ("ana", "@ana"),
        ("", "@"),
        ("ana@" + "x" * 300, "ana@" + "x" * 300),
    ],
)
def test_an_address_has_one_spelling(given, kept):
    assert normalise_email(given) == kept
