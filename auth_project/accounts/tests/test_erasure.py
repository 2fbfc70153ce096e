"""An account is erased: by its owner, by an operator, by nobody else."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from auth_project.accounts.models import Account, InstructorApplication, SignInAttempt
from auth_project.accounts.services import (
    apply_to_teach,
    approve_application,
    erase_account,
)
from auth_project.codes.models import Code
from auth_project.codes.services import request_password_reset
from auth_project.conftest import PASSWORD
from auth_project.sessions.models import RefreshToken, Session
from shared.contracts.events import UserErased
from shared.outbox.models import OutboxMessage
from shared.server.models import ErasedPerson
from shared.staff.models import StaffUser
from shared.testing.erasure import columns_not_asked

pytestmark = pytest.mark.django_db
ACCOUNTS = "/admin/accounts/account/"
EMAIL = "ana@example.org"


@pytest.fixture
def signed_in(ana, sign_in, bearer):
    """Give a client of Ana, with a token that auth has signed."""
    return bearer(sign_in()["access_token"])


def erase(client, password=PASSWORD, **body):
    body = {"password": password, **body}
    return client.delete("/api/v1/auth/account", body, format="json")


def test_the_owner_erases_with_the_password(ana, signed_in, assert_published):
    apply_to_teach(account_id=ana.pk, statement="CELTA")

    response = erase(signed_in)

    assert (response.status_code, response.content) == (202, b"")
    for model in (Account, InstructorApplication, Session, RefreshToken):
        assert not model.objects.exists()
    fact = assert_published(UserErased, user_id=ana.pk)
    assert ErasedPerson.objects.get().erased_at == fact.erased_at


def test_the_news_follows_everything_else_about_the_person(ana, signed_in):
    erase(signed_in)

    for destination in ("user", "course", "exercise", "notification"):
        rows = OutboxMessage.objects.filter(destination=destination)
        assert set(rows.values_list("ordering_key", flat=True)) == {str(ana.pk)}
        assert rows.order_by("position").last().type == "user.erased.v1"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"password": "another one entirely"}, "wrong_password"),
        ({"password": ""}, "blank"),
        ({}, "required"),
        ({"password": ["x"]}, "not_a_string"),
    ],
)
def test_without_the_password_nothing_changes(signed_in, body, code):
    response = signed_in.delete("/api/v1/auth/account", body, format="json")

    problem = response.json()
    assert response.status_code == 400
    assert [(item["field"], item["code"]) for item in problem["errors"]] == [
        ("password", code)
    ]
    assert Account.objects.get().email == EMAIL
    assert Session.objects.live(now=Session.objects.get().created_at).exists()
    assert not OutboxMessage.objects.filter(type="user.erased.v1").exists()


def test_who_is_not_signed_in_erases_nothing(client_for, ana):
    assert erase(client_for()).status_code == 401
    assert Account.objects.exists()


def test_the_password_is_throttled_like_a_sign_in(signed_in):
    answers = [erase(signed_in, "wrong one").status_code for _ in range(11)]
    last = erase(signed_in)

    assert answers == [400] * 10 + [429]
    assert (last.status_code, last.json()["code"]) == (429, "too_many_attempts")
    assert Account.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_tokens_of_all_devices_are_refused_at_once(make_account, sign_in, bearer, post):
    make_account()
    first, second = sign_in(), sign_in()

    erase(bearer(first["access_token"]))

    for tokens in (first, second):
        me = bearer(tokens["access_token"]).get("/api/v1/auth/me")
        assert (me.status_code, me.json()["code"]) == (401, "token_revoked")
        refresh = post("refresh", {"refresh_token": tokens["refresh_token"]})
        assert refresh.status_code == 401


@pytest.mark.django_db(transaction=True)
def test_of_two_erasures_at_once_one_is_told(make_account, sign_in, bearer, at_once):
    make_account()
    token = sign_in()["access_token"]

    answers = at_once(4, lambda number: erase(bearer(token)))

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(202) == 1, [answer.content for answer in answers]
    assert set(statuses) <= {202, 400, 401}
    assert OutboxMessage.objects.filter(type="user.erased.v1").count() == 4


def test_the_address_is_free_for_somebody_new(ana, signed_in, make_account):
    erase(signed_in)

    again = make_account()

    assert again.email == EMAIL
    assert again.pk != ana.pk
    assert not ErasedPerson.objects.filter(pk=again.pk).exists()


def test_tried_passwords_still_count_against_their_network(ana, post, signed_in):
    for _ in range(9):
        post("login", {"email": EMAIL, "password": "wrong"})

    erase(signed_in)

    attempts = SignInAttempt.objects.filter(outcome="failed")
    assert set(attempts.values_list("email", "address")) == {("", "127.0.0.1")}
    assert attempts.count() == 9
    assert not SignInAttempt.objects.exclude(email="").exists()


def test_registering_and_erasing_again_sends_no_more_mails(ana, make_account):
    request_password_reset(email=EMAIL)
    erase_account(account_id=ana.pk)
    make_account()

    request_password_reset(email=EMAIL)

    code = Code.objects.get()
    assert EMAIL not in code.email
    assert code.account is None


def test_decisions_on_others_stay_without_who_decided(ana, make_account):
    eve = make_account("eve@example.org")
    application = apply_to_teach(account_id=eve.pk, statement="CELTA")
    approve_application(application_id=application.pk, decided_by=ana.pk)

    erase_account(account_id=ana.pk)

    application.refresh_from_db()
    assert (application.state, application.decided_by) == ("approved", None)


def test_nobody_is_erased_twice(ana):
    assert erase_account(account_id=ana.pk) is True
    assert erase_account(account_id=ana.pk) is False
    assert ErasedPerson.objects.count() == 1


def act(operator, *rows, **fields):
    selected = [str(row.pk) for row in rows]
    data = {"action": "erase", "_selected_action": selected, "index": "0", **fields}
    return operator.post(ACCOUNTS, data, follow=True).content.decode()


def test_an_operator_erases_after_a_question_and_the_log_does_not_say_whom(
    operator, ana, make_account
):
    eve = make_account("eve@example.org")
    operator.post(
        ACCOUNTS,
        {"action": "disable", "_selected_action": [str(ana.pk)], "index": "0"},
    )

    question = act(operator, ana)
    assert "There is no way back." in question
    assert Account.objects.count() == 2

    act(operator, ana, apply="1")

    assert Account.objects.get() == eve
    assert ErasedPerson.objects.get().pk == ana.pk
    entries = LogEntry.objects.order_by("id")
    assert list(
        entries.values_list("user_id", "object_id", "object_repr", "change_message")
    ) == [
        (operator.user.pk, None, "erased", ""),
        (operator.user.pk, None, "erased", "Erased."),
    ]


def test_operators_do_not_erase_themselves(operator, ana):
    Account.objects.filter(pk=ana.pk).update(id=operator.user.pk)
    own = Account.objects.get()

    page = act(operator, own, apply="1")

    assert "Your own account is left as it is." in page
    assert Account.objects.exists()
    assert StaffUser.objects.exists()


def test_the_schema_shows_the_body_of_the_request(client_for):
    answer = client_for().get("/api/schema", headers={"accept": "application/json"})
    schema = answer.json()
    operation = schema["paths"]["/api/v1/auth/account"]["delete"]

    [content] = operation["requestBody"]["content"].values()
    name = content["schema"]["$ref"].rpartition("/")[2]
    assert schema["components"]["schemas"][name]["required"] == ["password"]


def test_every_column_that_may_hold_a_person_is_asked(ana):
    with CaptureQueriesContext(connection) as queries:
        erase_account(account_id=ana.pk)

    assert columns_not_asked(query["sql"] for query in queries) == []
