"""People's door: registration, sign-in, the own account."""

import json

import jwt
import pytest

from auth_project.accounts.models import Account, InstructorApplication, SignInAttempt
from auth_project.accounts.services import disable_account
from auth_project.conftest import PASSWORD
from auth_project.sessions.models import Session
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7

WRONG = {"email": "ana@example.org", "password": "not her password"}


def registration(**about):
    return {"email": "ana@example.org", "password": PASSWORD, **about}


@pytest.mark.django_db
def test_a_registration_answers_with_the_account_and_tokens(post):
    response = post("register", registration(full_name="Ana Lima"))

    answer = response.json()
    account = Account.objects.get()
    assert response.status_code == 201
    assert answer["user"] == {
        "id": str(account.pk),
        "email": "ana@example.org",
        "full_name": "Ana Lima",
        "role": "student",
        "email_verified": False,
    }
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 900
    assert set(answer) == {
        "user",
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
    }


@pytest.mark.django_db
def test_a_registration_tells_user_notification_and_the_subscribers(post, outbox):
    post("register", registration(full_name="Ana"))

    account = Account.objects.get()
    messages = {(row.type, row.destination): row for row in outbox()}
    assert set(messages) == {
        ("POST /api/v1/user/internal/profile/create", "user"),
        ("user.registered.v1", "course"),
        ("user.registered.v1", "exercise"),
        ("user.registered.v1", "notification"),
        ("POST /api/v1/notification/internal/send", "notification"),
    }
    profile = messages["POST /api/v1/user/internal/profile/create", "user"]
    assert json.loads(profile.payload) == {
        "user_id": str(account.pk),
        "email": "ana@example.org",
        "role": "student",
        "full_name": "Ana",
        "target_band": None,
    }
    assert {row.ordering_key for row in messages.values()} == {str(account.pk)}


@pytest.mark.django_db
def test_the_access_token_says_who_its_bearer_is(post, bearer):
    answer = post("register", registration(full_name="Ana")).json()

    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    session = Session.objects.get()
    assert claims["sub"] == answer["user"]["id"]
    assert claims["sid"] == str(session.pk)
    assert claims["type"] == "access"
    assert {claims["role"], claims["name"], claims["email"]} == {
        "student",
        "Ana",
        "ana@example.org",
    }
    assert claims["exp"] - int(claims["iat"]) == 900
    assert (
        bearer(answer["access_token"]).get("/api/v1/auth/me").json() == answer["user"]
    )


def test_a_taken_address_is_refused_however_it_is_written(post, ana):
    written = OutboxMessage.objects.count()

    response = post("register", registration(email="ANA@Example.ORG"))

    assert response.status_code == 409
    assert response.json()["code"] == "email_taken"
    assert Account.objects.count() == 1
    assert OutboxMessage.objects.count() == written


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "password1"}, "password"),
        ({"password": "ana@example.org"}, "password"),
        ({"password": 12345678901}, "password"),
        ({"email": "not an address"}, "email"),
        ({"role": "admin"}, "role"),
        ({"full_name": "A\nB"}, "full_name"),
        ({"full_name": "x" * 201}, "full_name"),
    ],
)
def test_a_registration_names_the_field_that_it_refuses(post, about, field):
    response = post("register", registration(**about))

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_an_address_too_long_in_ascii_is_refused_before_the_database_sees_it(post):
    address = "ana@" + ".".join(["é"] * 100) + ".com"

    answer = post("register", registration(email=address)).json()

    assert answer["code"] == "validation_error"
    assert [(e["field"], e["code"]) for e in answer["errors"]] == [
        ("email", "max_length")
    ]


@pytest.mark.django_db
def test_who_registers_as_an_instructor_is_a_student_with_an_application(post):
    response = post("register", registration(role="instructor"))

    assert response.json()["user"]["role"] == "student"
    assert InstructorApplication.objects.get().state == "pending"


@pytest.mark.django_db(transaction=True)
def test_many_registrations_of_one_address_make_one_account(post, at_once):
    statuses = at_once(12, lambda number: post("register", registration()).status_code)

    assert sorted(statuses) == [201] + [409] * 11
    assert Account.objects.count() == 1
    assert Session.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="call").count() == 2


def test_a_sign_in_answers_like_a_registration(post, ana):
    response = post("login", {"email": " Ana@example.org ", "password": PASSWORD})

    assert response.status_code == 200
    assert response.json()["user"]["id"] == str(ana.pk)
    assert response.json()["expires_in"] == 900


def test_unknown_wrong_and_disabled_are_refused_in_the_same_words(
    post, ana, make_account
):
    eve = make_account("eve@example.org")
    disable_account(account_id=eve.pk)

    answers = [
        post("login", {"email": "nobody@example.org", "password": PASSWORD}),
        post("login", WRONG),
        post("login", {"email": "eve@example.org", "password": PASSWORD}),
    ]

    bodies = [answer.json() for answer in answers]
    for body in bodies:
        del body["trace_id"]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["code"] == "invalid_credentials"


def test_ten_failures_close_an_account_until_they_are_old(post, ana):
    for _ in range(10):
        assert post("login", WRONG).status_code == 401

    response = post("login", {"email": "ana@example.org", "password": PASSWORD})

    assert response.status_code == 429
    assert response.json()["code"] == "too_many_attempts"
    assert 500 < int(response["Retry-After"]) <= 600


def test_a_closed_account_leaves_live_sessions_alone(post, ana, sign_in, bearer):
    signed_in = sign_in()
    for _ in range(10):
        post("login", WRONG)

    me = bearer(signed_in["access_token"]).get("/api/v1/auth/me")
    refresh = post("refresh", {"refresh_token": signed_in["refresh_token"]})

    assert me.status_code == 200
    assert refresh.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_parallel_wrong_sign_ins_get_ten_verdicts_whatever_headers_say(
    post, make_account, at_once
):
    make_account()

    def attempt(number):
        forged = f"203.0.113.{number}, 198.51.100.{number}"
        return post("login", WRONG, HTTP_X_FORWARDED_FOR=forged).status_code

    statuses = at_once(24, attempt)

    assert sorted(statuses) == [401] * 10 + [429] * 14
    assert SignInAttempt.objects.count() == 10


def test_parts_of_a_forwarding_header_that_clients_write_are_not_believed(post, ana):
    post("login", WRONG, HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.7")

    assert SignInAttempt.objects.get().address == "198.51.100.7"


def test_a_forwarding_header_from_the_open_internet_is_not_believed(post, ana):
    post(
        "login", WRONG, HTTP_X_FORWARDED_FOR="198.51.100.7", REMOTE_ADDR="93.184.216.34"
    )

    assert SignInAttempt.objects.get().address == "93.184.216.34"


def test_the_own_account_is_shown_as_it_is_now(client_for, ana):
    Account.objects.filter(pk=ana.pk).update(full_name="Ana Maria")

    response = client_for(ana.pk, name="Ana").get("/api/v1/auth/me")

    assert response.json()["full_name"] == "Ana Maria"


@pytest.mark.django_db
def test_a_token_without_an_account_is_refused(client_for):
    response = client_for(uuid7()).get("/api/v1/auth/me")

    assert response.status_code == 401
    assert response.json()["code"] == "account_gone"


@pytest.mark.django_db
def test_the_own_account_needs_a_token(client_for):
    response = client_for().get("/api/v1/auth/me")

    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def change(client, current=PASSWORD, new="a much better one"):
    body = {"current_password": current, "new_password": new}
    return client.post("/api/v1/auth/change-password", body, format="json")


def test_a_new_password_replaces_the_old_one(post, ana, sign_in, bearer):
    client = bearer(sign_in()["access_token"])

    response = change(client)

    new = post("login", {"email": ana.email, "password": "a much better one"})
    old = post("login", {"email": ana.email, "password": PASSWORD})
    assert response.status_code == 204
    assert new.status_code == 200
    assert old.status_code == 401


@pytest.mark.django_db(transaction=True)
def test_a_new_password_ends_the_other_sessions_everywhere(
    post, ana, sign_in, bearer, outbox
):
    here, there = sign_in(), sign_in()

    change(bearer(here["access_token"]))

    assert bearer(here["access_token"]).get("/api/v1/auth/me").status_code == 200
    refused = bearer(there["access_token"]).get("/api/v1/auth/me")
    assert refused.json()["code"] == "token_revoked"
    assert post("refresh", {"refresh_token": here["refresh_token"]}).status_code == 200
    assert post("refresh", {"refresh_token": there["refresh_token"]}).status_code == 401
    ended = [row.destination for row in outbox() if row.type == "session.ended.v1"]
    assert ended == ["course", "exercise", "notification", "user"]


@pytest.mark.parametrize(
    ("current", "new", "code", "field"),
    [
        ("not her password", "a much better one", "wrong_password", "current_password"),
        (PASSWORD, "short", "invalid_request", "new_password"),
        (PASSWORD, "12345678901", "invalid_request", "new_password"),
    ],
)
def test_a_change_of_password_is_refused_by_field(
    ana, sign_in, bearer, current, new, code, field
):
    response = change(bearer(sign_in()["access_token"]), current, new)

    assert response.status_code == 400
    assert response.json()["code"] == code
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert sign_in()


def test_the_current_password_cannot_be_guessed_with_a_token(ana, sign_in, bearer):
    client = bearer(sign_in()["access_token"])
    for _ in range(10):
        assert change(client, current="a guess").status_code == 400

    assert change(client).status_code == 429


def apply(client, statement="Ten years of teaching.\nCELTA."):
    return client.post(
        "/api/v1/auth/instructor-applications", {"statement": statement}, format="json"
    )


def test_a_student_can_ask_to_teach_once_at_a_time(client_for, ana):
    first = apply(client_for(ana.pk))
    second = apply(client_for(ana.pk))

    assert first.status_code == 201
    assert first.json()["state"] == "pending"
    assert second.status_code == 409
    assert second.json()["code"] == "application_pending"


def test_an_instructor_need_not_ask(client_for, ana):
    Account.objects.filter(pk=ana.pk).update(role="instructor")

    response = apply(client_for(ana.pk))

    assert response.status_code == 409
    assert response.json()["code"] == "already_instructor"
