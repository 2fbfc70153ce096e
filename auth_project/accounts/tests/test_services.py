"""What operators and admins do to accounts."""

import json

import jwt
import pytest

from auth_project.accounts.errors import (
    ApplicationDecidedError,
    InvalidCredentialsError,
    ReasonMissingError,
)
from auth_project.accounts.models import Account
from auth_project.accounts.services import (
    apply_to_teach,
    approve_application,
    change_role,
    disable_account,
    enable_account,
    reject_application,
    verify_credentials,
)
from auth_project.conftest import PASSWORD
from auth_project.sessions.models import Session
from shared.server.models import Revocation
from shared.wire.ids import uuid7

EVERY_PEER = ["course", "exercise", "notification", "user"]


def destinations(outbox, type_):
    return [row.destination for row in outbox() if row.type == type_]


def test_a_new_role_is_told_to_every_peer_once(ana, outbox):
    assert change_role(account_id=ana.pk, role="admin")
    assert not change_role(account_id=ana.pk, role="admin")

    assert Account.objects.get(pk=ana.pk).role == "admin"
    assert destinations(outbox, "user.role_changed.v1") == EVERY_PEER
    assert Revocation.objects.get().subject == ana.pk


@pytest.mark.django_db(transaction=True)
def test_tokens_of_the_old_role_are_refused_and_a_refresh_brings_the_new_one(
    post, make_account, sign_in, bearer
):
    account = make_account()
    signed_in = sign_in()
    bearer(signed_in["access_token"]).get("/api/v1/auth/me")

    change_role(account_id=account.pk, role="instructor")

    old = bearer(signed_in["access_token"]).get("/api/v1/auth/me")
    fresh = post("refresh", {"refresh_token": signed_in["refresh_token"]}).json()
    new = bearer(fresh["access_token"]).get("/api/v1/auth/me")
    assert old.json()["code"] == "token_revoked"
    assert new.json()["role"] == "instructor"


@pytest.mark.django_db(transaction=True)
def test_a_refresh_during_a_change_of_role_leaves_no_token_with_the_old_one(
    post, make_account, sign_in, at_once
):
    account = make_account()
    refresh_token = sign_in()["refresh_token"]
    for role in ["admin", "student"] * 4:

        def race(number, role=role, refresh_token=refresh_token):
            if number:
                change_role(account_id=account.pk, role=role)
                return None
            return post("refresh", {"refresh_token": refresh_token}).json()

        issued, _ = at_once(2, race)

        claims = jwt.decode(issued["access_token"], options={"verify_signature": False})
        refused_until = Revocation.objects.get(subject=account.pk).at.timestamp()
        assert claims["role"] == role or claims["iat"] <= refused_until
        refresh_token = issued["refresh_token"]


@pytest.mark.django_db(transaction=True)
def test_a_disabled_account_is_out_everywhere(
    post, make_account, sign_in, bearer, outbox
):
    account = make_account()
    signed_in = sign_in()

    assert disable_account(account_id=account.pk)
    assert not disable_account(account_id=account.pk)

    me = bearer(signed_in["access_token"]).get("/api/v1/auth/me")
    refresh = post("refresh", {"refresh_token": signed_in["refresh_token"]})
    assert me.json()["code"] == "token_revoked"
    assert refresh.status_code == 401
    assert destinations(outbox, "user.disabled.v1") == EVERY_PEER
    assert Session.objects.get().end_reason == "account_disabled"


@pytest.mark.django_db(transaction=True)
def test_an_enabled_account_signs_in_again_and_old_tokens_stay_refused(
    make_account, sign_in, bearer, outbox
):
    account = make_account()
    before = sign_in()
    disable_account(account_id=account.pk)

    assert enable_account(account_id=account.pk)
    assert not enable_account(account_id=account.pk)

    after = sign_in()
    old = bearer(before["access_token"]).get("/api/v1/auth/me")
    assert old.json()["code"] == "token_revoked"
    assert bearer(after["access_token"]).get("/api/v1/auth/me").status_code == 200
    assert destinations(outbox, "user.enabled.v1") == ["notification"]


def test_an_approved_application_makes_an_instructor(ana, outbox, wall_clock):
    admin_id = uuid7()
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")

    approve_application(
        application_id=application.pk, decided_by=admin_id, clock=wall_clock
    )

    application.refresh_from_db()
    assert (application.state, application.decided_by) == ("approved", admin_id)
    assert application.decided_at == wall_clock.now
    assert Account.objects.get(pk=ana.pk).role == "instructor"
    assert destinations(outbox, "user.role_changed.v1") == EVERY_PEER


def test_an_approval_takes_nothing_away_from_an_admin(ana):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")
    change_role(account_id=ana.pk, role="admin")

    approve_application(application_id=application.pk, decided_by=uuid7())

    assert Account.objects.get(pk=ana.pk).role == "admin"


def test_a_rejected_application_tells_why_and_another_may_follow(ana, outbox):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")

    reject_application(
        application_id=application.pk, decided_by=uuid7(), reason="No certificate."
    )

    notice = json.loads(outbox()[-1].payload)
    assert notice["params"]["reason"] == "No certificate."
    assert Account.objects.get(pk=ana.pk).role == "student"
    assert apply_to_teach(account_id=ana.pk, statement="Now with it.").pk


def test_a_rejection_needs_a_reason(ana):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")

    with pytest.raises(ReasonMissingError):
        reject_application(
            application_id=application.pk, decided_by=uuid7(), reason="  "
        )


def test_an_application_is_decided_once(ana, outbox):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")
    approve_application(application_id=application.pk, decided_by=uuid7())
    written = len(outbox())

    with pytest.raises(ApplicationDecidedError):
        reject_application(
            application_id=application.pk, decided_by=uuid7(), reason="Late."
        )
    assert len(outbox()) == written


def test_a_disabled_account_is_not_vouched_for(ana):
    disable_account(account_id=ana.pk)

    with pytest.raises(InvalidCredentialsError):
        verify_credentials(email=ana.email, password=PASSWORD, address="")
