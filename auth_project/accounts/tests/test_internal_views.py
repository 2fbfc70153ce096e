"""Peers' door: auth vouches for people."""

import pytest
from django.contrib.auth.hashers import make_password

from auth_project.accounts.models import SignInAttempt
from auth_project.accounts.services import change_role, disable_account
from auth_project.conftest import PASSWORD
from shared.contracts.auth import (
    GetAccount,
    VerifyCredentials,
    get_account,
    verify_credentials,
)
from shared.wire.ids import uuid7


@pytest.fixture
def verify(call_internal):
    def send(password=PASSWORD, email="ana@example.org"):
        return call_internal(
            verify_credentials,
            VerifyCredentials(
                email=email, password=password, client_address="198.51.100.7"
            ),
            caller="course",
        )

    return send


def test_auth_vouches_for_the_right_password(verify, ana):
    response = verify()

    assert response.status_code == 200
    assert response.json() == {
        "user_id": str(ana.pk),
        "email": "ana@example.org",
        "full_name": "Ana",
        "role": "student",
        "credential": ana.credential,
    }


def test_the_wrong_password_is_refused(verify, ana):
    response = verify(password="not hers")

    assert response.status_code == 401
    assert response.json()["code"] == "invalid_credentials"


def test_sign_ins_at_peers_and_at_the_gateway_share_one_throttle(verify, post, ana):
    for _ in range(5):
        verify(password="not hers")
        post("login", {"email": ana.email, "password": "not hers"})

    response = verify()

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 500
    assert SignInAttempt.objects.filter(address="198.51.100.7").count() == 5


def test_the_stamp_of_a_password_changes_with_it(call_internal, ana):
    def stamp():
        request = GetAccount(user_id=ana.pk)
        return call_internal(get_account, request, caller="user").json()["credential"]

    first, again = stamp(), stamp()
    ana.password_hash = make_password("another horse battery")
    ana.save()

    assert first == again
    assert stamp() != first
    assert first not in ana.password_hash


def test_an_account_is_shown_as_it_is_now(call_internal, ana):
    change_role(account_id=ana.pk, role="admin")

    response = call_internal(get_account, GetAccount(user_id=ana.pk), caller="user")

    assert response.json()["role"] == "admin"


def test_a_disabled_account_is_no_account_to_peers(call_internal, ana):
    disable_account(account_id=ana.pk)

    responses = [
        call_internal(get_account, GetAccount(user_id=user_id), caller="user")
        for user_id in (ana.pk, uuid7())
    ]

    assert [response.status_code for response in responses] == [404, 404]
    assert {response.json()["code"] for response in responses} == {"account_not_found"}
