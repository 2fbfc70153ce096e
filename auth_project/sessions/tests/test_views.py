"""People's door to sessions, everybody's to the key set."""

from datetime import timedelta

import jwt
import pytest
from django.db.models import F
from jwt.algorithms import OKPAlgorithm

from auth_project.accounts.services import disable_account
from auth_project.sessions.models import RefreshToken, Session
from auth_project.sessions.signing_keys import signing_keys
from auth_project.sessions.tokens import access_token_for

MONTH = timedelta(days=30)


def ended_events(outbox):
    return [row for row in outbox() if row.type == "session.ended.v1"]


def test_a_refresh_token_is_exchanged_for_the_next(post, ana, sign_in):
    first = sign_in()["refresh_token"]

    second = post("refresh", {"refresh_token": first})
    third = post("refresh", {"refresh_token": second.json()["refresh_token"]})

    assert (second.status_code, third.status_code) == (200, 200)
    assert set(second.json()) == {
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
    }
    assert len({first, second.json()["refresh_token"]}) == 2
    assert Session.objects.count() == 1


def test_a_lost_answer_can_be_asked_for_again(post, ana, sign_in):
    token = sign_in()["refresh_token"]

    first = post("refresh", {"refresh_token": token}).json()
    again = post("refresh", {"refresh_token": token})

    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]


def test_a_token_whose_successor_was_used_ends_the_session(post, ana, sign_in, outbox):
    stolen = sign_in()["refresh_token"]
    second = post("refresh", {"refresh_token": stolen}).json()["refresh_token"]
    third = post("refresh", {"refresh_token": second}).json()["refresh_token"]

    reused = post("refresh", {"refresh_token": stolen})

    assert reused.status_code == 401
    assert reused.json()["code"] == "refresh_token_reused"
    assert post("refresh", {"refresh_token": third}).status_code == 401
    assert Session.objects.get().end_reason == "token_reused"
    assert len(ended_events(outbox)) == 4


def test_a_token_that_comes_back_late_ends_the_session(post, ana, sign_in, outbox):
    token = sign_in()["refresh_token"]
    post("refresh", {"refresh_token": token})
    RefreshToken.objects.filter(parent=None).update(
        used_at=F("used_at") - timedelta(seconds=11)
    )

    assert post("refresh", {"refresh_token": token}).status_code == 401
    assert Session.objects.get().end_reason == "token_reused"
    assert len(ended_events(outbox)) == 4


def test_reuse_leaves_the_other_devices_alone(post, ana, sign_in):
    stolen, other = sign_in()["refresh_token"], sign_in()["refresh_token"]
    second = post("refresh", {"refresh_token": stolen}).json()["refresh_token"]
    post("refresh", {"refresh_token": second})
    post("refresh", {"refresh_token": stolen})

    assert post("refresh", {"refresh_token": other}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_refreshes_of_one_token_get_one_successor(
    post, make_account, sign_in, at_once
):
    make_account()
    token = sign_in()["refresh_token"]

    answers = at_once(20, lambda number: post("refresh", {"refresh_token": token}))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert RefreshToken.objects.count() == 2
    assert Session.objects.get().ended_at is None


def test_an_expired_refresh_token_is_refused(post, ana, sign_in):
    token = sign_in()["refresh_token"]
    RefreshToken.objects.update(expires_at=F("expires_at") - MONTH)

    response = post("refresh", {"refresh_token": token})

    assert response.status_code == 401
    assert response.json()["code"] == "invalid_refresh_token"


def test_a_disabled_account_cannot_refresh(post, ana, sign_in):
    token = sign_in()["refresh_token"]
    disable_account(account_id=ana.pk)

    assert post("refresh", {"refresh_token": token}).status_code == 401


def test_the_token_of_a_deleted_account_is_refused(post, ana, sign_in):
    token = sign_in()["refresh_token"]
    ana.delete()

    response = post("refresh", {"refresh_token": token})

    assert response.status_code == 401
    assert response.json()["code"] == "invalid_refresh_token"


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["unknown", "x" * 200, "ünknown"])
def test_an_unknown_refresh_token_is_refused(post, token):
    assert post("refresh", {"refresh_token": token}).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [{}, {"refresh_token": None}, {"refresh_token": 7}, []]
)
def test_a_refresh_without_a_token_is_a_bad_request(post, body):
    assert post("refresh", body).status_code == 400


def test_refresh_tokens_are_not_kept_in_clear(ana, sign_in):
    token = sign_in()["refresh_token"]

    assert token not in str(list(RefreshToken.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_a_logout_ends_the_session_at_once_and_any_number_of_times(
    post, make_account, sign_in, bearer, outbox
):
    make_account()
    signed_in = sign_in()
    body = {"refresh_token": signed_in["refresh_token"]}
    bearer(signed_in["access_token"]).get("/api/v1/auth/me")

    statuses = [post("logout", body).status_code for _ in range(2)]

    refused = bearer(signed_in["access_token"]).get("/api/v1/auth/me")
    assert statuses == [204, 204]
    assert refused.json()["code"] == "token_revoked"
    assert post("refresh", body).status_code == 401
    assert len(ended_events(outbox)) == 4


@pytest.mark.django_db
def test_a_logout_with_an_unknown_token_is_done_already(post):
    assert post("logout", {"refresh_token": "unknown"}).status_code == 204


def test_devices_are_listed_with_the_one_that_asks(
    ana, sign_in, bearer, django_assert_num_queries
):
    client = bearer(sign_in(agent="Phone")["access_token"])
    sign_in(agent="Laptop")
    client.get("/api/v1/auth/me")

    with django_assert_num_queries(2):
        answer = client.get("/api/v1/auth/sessions").json()

    devices = {row["user_agent"]: row for row in answer["results"]}
    assert answer["count"] == 2
    assert devices["Phone"]["is_current"] is True
    assert devices["Laptop"]["is_current"] is False
    assert devices["Laptop"]["address"] == "127.0.0.1"
    assert set(devices["Laptop"]) == {
        "id",
        "user_agent",
        "address",
        "created_at",
        "last_used_at",
        "is_current",
    }


def test_only_own_live_devices_are_listed(ana, make_account, sign_in, bearer, post):
    make_account("eve@example.org")
    sign_in("eve@example.org")
    post("logout", {"refresh_token": sign_in()["refresh_token"]})

    answer = bearer(sign_in()["access_token"]).get("/api/v1/auth/sessions").json()

    assert [row["is_current"] for row in answer["results"]] == [True]


def test_a_person_ends_another_device(ana, sign_in, bearer, post, outbox):
    phone = sign_in(agent="Phone")
    session = Session.objects.get()
    client = bearer(sign_in()["access_token"])

    response = client.delete(f"/api/v1/auth/sessions/{session.pk}")

    assert response.status_code == 204
    refreshed = post("refresh", {"refresh_token": phone["refresh_token"]})
    assert refreshed.status_code == 401
    assert len(ended_events(outbox)) == 4


def test_other_peoples_devices_do_not_exist(ana, make_account, sign_in, bearer):
    make_account("eve@example.org")
    sign_in()
    session = Session.objects.get()
    eve = bearer(sign_in("eve@example.org")["access_token"])

    response = eve.delete(f"/api/v1/auth/sessions/{session.pk}")

    assert response.status_code == 404
    assert response.json()["code"] == "session_not_found"
    session.refresh_from_db()
    assert session.ended_at is None


def test_a_user_agent_is_cut_and_cleaned(ana, sign_in):
    sign_in(agent="A\x00\x1b" + "x" * 500)

    assert Session.objects.get().user_agent == "A" + "x" * 299


def test_the_key_set_verifies_access_tokens_and_nothing_more(ana, sign_in, client):
    token = sign_in()["access_token"]

    response = client.get("/api/v1/auth/.well-known/jwks.json")

    (document,) = response.json()["keys"]
    assert response["Cache-Control"] == "public, max-age=60"
    assert set(document) == {"kty", "crv", "use", "alg", "kid", "x"}
    assert jwt.get_unverified_header(token)["kid"] == document["kid"]
    claims = jwt.decode(
        token,
        OKPAlgorithm.from_jwk(document),
        algorithms=["EdDSA"],
        audience="ielts-platform",
        issuer="ielts-platform",
    )
    assert claims["sub"] == str(ana.pk)


@pytest.mark.django_db
def test_without_keys_the_key_set_is_unavailable_not_empty(settings, tmp_path, client):
    settings.JWT_KEYS_DIR = tmp_path / "nothing"

    response = client.get("/api/v1/auth/.well-known/jwks.json")

    assert response.status_code == 503
    assert response.json()["code"] == "no_signing_key"


def test_a_registration_without_keys_leaves_nothing(settings, tmp_path, post, db):
    settings.JWT_KEYS_DIR = tmp_path / "nothing"

    response = post(
        "register", {"email": "ana@example.org", "password": "correct horse battery"}
    )

    assert response.status_code == 503
    assert not Session.objects.exists()


def test_after_a_rotation_old_tokens_still_open_the_door(ana, sign_in, bearer):
    before = sign_in()["access_token"]
    signing_keys().rotate()
    after = access_token_for(Session.objects.get())

    for token in (before, after):
        assert bearer(token).get("/api/v1/auth/me").status_code == 200
