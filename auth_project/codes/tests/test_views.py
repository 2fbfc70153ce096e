"""People's door: a forgotten password, an address to confirm."""

import re

import pytest
from django.core import mail

from auth_project.accounts.models import Account
from auth_project.codes.models import Code
from auth_project.codes.services import send_codes
from auth_project.conftest import PASSWORD

NEW = "a quite different phrase"


def mailed_code():
    send_codes()
    return re.search(r"\b\d{8}\b", mail.outbox[-1].body)[0]


def test_a_forgotten_password_is_replaced_with_the_mailed_code(post, ana, sign_in):
    refresh_token = sign_in()["refresh_token"]

    asked = post("password-reset", {"email": "Ana@example.org"})
    confirmed = post(
        "password-reset/confirm",
        {"email": "ana@example.org", "code": mailed_code(), "new_password": NEW},
    )

    assert (asked.status_code, confirmed.status_code) == (202, 204)
    assert post("refresh", {"refresh_token": refresh_token}).status_code == 401
    old, new = (
        post("login", {"email": ana.email, "password": password}).status_code
        for password in (PASSWORD, NEW)
    )
    assert (old, new) == (401, 200)


def test_nobody_learns_which_addresses_are_known(post, ana):
    answers = [
        post("password-reset", {"email": email})
        for email in ("ana@example.org", "nobody@example.org", "not an address")
    ]
    refusals = [
        post(
            "password-reset/confirm",
            {"email": email, "code": "00000000", "new_password": NEW},
        )
        for email in ("ana@example.org", "nobody@example.org", "never@example.org")
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b"")}
    assert {answer.status_code for answer in refusals} == {400}
    assert {answer.json()["code"] for answer in refusals} == {"invalid_code"}
    assert len({answer.json()["detail"] for answer in refusals}) == 1


def test_a_person_confirms_their_address(ana, sign_in, bearer):
    client = bearer(sign_in()["access_token"])

    asked = client.post("/api/v1/auth/email-verification")
    confirmed = client.post(
        "/api/v1/auth/email-verification/confirm", {"code": mailed_code()}
    )

    assert (asked.status_code, confirmed.status_code) == (202, 204)
    assert client.get("/api/v1/auth/me").json()["email_verified"] is True


def test_another_persons_code_confirms_nothing(ana, make_account, sign_in, bearer):
    bo = make_account("bo@example.org")
    bearer(sign_in()["access_token"]).post("/api/v1/auth/email-verification")
    as_bo = bearer(sign_in(bo.email)["access_token"])

    response = as_bo.post(
        "/api/v1/auth/email-verification/confirm", {"code": mailed_code()}
    )

    assert (response.status_code, response.json()["code"]) == (400, "invalid_code")
    assert not Account.objects.filter(email_verified_at__isnull=False).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["email-verification", "email-verification/confirm"])
def test_only_who_is_signed_in_confirms_an_address(post, path):
    assert post(path, {"code": "00000000"}).status_code == 401
    assert not Code.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"code": 12345678}, "code"),
        ({"code": "1" * 33}, "code"),
        ({"new_password": "short"}, "new_password"),
        ({"email": "a" * 255}, "email"),
    ],
)
def test_a_confirmation_names_the_field_that_it_refuses(post, about, field):
    given = {"email": "ana@example.org", "code": "00000000", "new_password": NEW}

    response = post("password-reset/confirm", given | about)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
