"""The start page of auth's admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from auth_project.accounts.models import Account, InstructorApplication, SignInAttempt
from auth_project.accounts.services import apply_to_teach
from auth_project.codes.models import Code
from auth_project.codes.services import request_password_reset

pytestmark = pytest.mark.django_db
# Those of every start page; applications, the throttle, codes; four figures.
QUERIES = 11 + 3 + 4


def desk_of(browser):
    return browser.get("/admin/").context["desk"]


def cards_of(browser):
    return {card.title: (card.value, card.note) for card in desk_of(browser)["cards"]}


def try_to_sign_in(times, *, email="ana@example.org", address="192.0.2.1", **about):
    for _ in range(times):
        SignInAttempt.objects.create(
            email=email, address=address, **{"outcome": "failed", **about}
        )


def found_at(browser, concern):
    return browser.get(concern.link).context["cl"].result_count


def test_who_came_today_is_counted(operator, ana, sign_in, make_account):
    sign_in(ana.email)
    yesterday = timezone.now() - timedelta(days=1)
    Account.objects.filter(pk=make_account("eve@example.org").pk).update(
        created_at=yesterday
    )
    try_to_sign_in(3, created_at=yesterday)
    try_to_sign_in(2)

    assert cards_of(operator) == {
        "Sign-ins": ("1", "yesterday 0"),
        "Registrations": ("1", "yesterday 1"),
        "Failed sign-ins": ("2", "yesterday 3"),
        "Active sessions": ("1", "devices signed in now"),
    }


def test_the_chart_shows_sign_ins_and_registrations(operator, ana):
    chart = desk_of(operator)["chart"]

    assert chart.names == ["Sign-ins", "Registrations"]
    assert chart.rows[0][1] == ["0", "1"]


def test_applications_that_wait_are_told_with_the_oldest(operator, make_account):
    for name in ("ana", "eve"):
        account = make_account(f"{name}@example.org")
        apply_to_teach(account_id=account.pk, statement="CELTA")
    InstructorApplication.objects.filter(account=account).update(
        created_at=timezone.now() - timedelta(days=3, hours=1)
    )

    [concern] = desk_of(operator)["attention"]

    assert concern.text == (
        "2 applications to teach wait for a decision, the oldest for 3\xa0days."
    )
    assert found_at(operator, concern) == 2


def test_what_the_throttle_refuses_is_told(operator):
    try_to_sign_in(10)
    for number in range(3):
        try_to_sign_in(9, email=f"{number}@example.org", address="192.0.2.2")
    try_to_sign_in(3, email="3@example.org", address="192.0.2.2")

    texts = [concern.text for concern in desk_of(operator)["attention"]]

    assert texts == [
        "1 e-mail address is locked for minutes: too many sign-ins failed.",
        "1 network is locked for minutes: too many sign-ins failed.",
    ]


def test_what_the_throttle_has_forgotten_is_not(operator):
    try_to_sign_in(10, created_at=timezone.now() - timedelta(minutes=11))

    assert desk_of(operator)["attention"] == []


def test_attempts_at_erased_accounts_lock_no_address(operator):
    for number in range(2):
        try_to_sign_in(5, email="", address=f"192.0.2.{number}")

    assert desk_of(operator)["attention"] == []


def test_mails_that_do_not_leave_are_told(operator, ana):
    request_password_reset(email=ana.email)

    fresh = desk_of(operator)["attention"]
    Code.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    [concern] = desk_of(operator)["attention"]

    assert fresh == []
    assert concern.text == (
        "1 mail with a code was not sent, the oldest for 6\xa0minutes: "
        "does the mail server answer?"
    )


def test_the_page_costs_the_same_for_one_row_and_for_many(
    operator, make_account, django_assert_num_queries
):
    for number in range(5):
        account = make_account(f"person{number}@example.org")
        apply_to_teach(account_id=account.pk, statement="CELTA")
    try_to_sign_in(40)

    with django_assert_num_queries(QUERIES):
        operator.get("/admin/")
