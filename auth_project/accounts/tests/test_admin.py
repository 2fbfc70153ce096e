"""Operators' door: accounts, applications, sessions and attempts in the admin."""

import pytest
from django.contrib.admin.models import LogEntry

from auth_project.accounts.models import Account, InstructorApplication
from auth_project.accounts.services import apply_to_teach, disable_account
from auth_project.sessions.models import Session
from shared.staff.models import StaffUser

ACCOUNTS = "/admin/accounts/account/"
APPLICATIONS = "/admin/accounts/instructorapplication/"
ATTEMPTS = "/admin/accounts/signinattempt/"
SESSIONS = "/admin/device_sessions/session/"


def act(operator, page, action, *rows, **fields):
    selected = [str(row.pk) for row in rows]
    data = {"action": action, "_selected_action": selected, "index": "0", **fields}
    response = operator.post(page, data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("page", [ACCOUNTS, APPLICATIONS, ATTEMPTS, SESSIONS])
def test_every_list_costs_the_same_for_one_row_and_for_many(
    operator, make_account, sign_in, page, django_assert_max_num_queries
):
    for number in range(5):
        account = make_account(f"person{number}@example.org")
        apply_to_teach(account_id=account.pk, statement="CELTA")
        sign_in(account.email)

    with django_assert_max_num_queries(8):
        response = operator.get(page)

    assert "person4@example.org" in response.content.decode()


def test_an_account_is_found_and_its_password_hash_is_not_shown(operator, ana):
    found = operator.get(ACCOUNTS, {"q": "ana@"}).content.decode()
    page = operator.get(f"{ACCOUNTS}{ana.pk}/change/").content.decode()

    assert "ana@example.org" in found
    assert "ana@example.org" in page
    assert ana.password_hash not in page
    assert operator.post(f"{ACCOUNTS}{ana.pk}/change/", {}).status_code == 403


@pytest.mark.parametrize(("choice", "shown"), [("yes", "eve@"), ("no", "ana@")])
def test_disabled_accounts_can_be_listed(operator, make_account, ana, choice, shown):
    disable_account(account_id=make_account("eve@example.org").pk)

    rows = operator.get(ACCOUNTS, {"disabled": choice}).context["cl"].result_list

    assert [row.email[:4] for row in rows] == [shown]


def test_an_account_is_disabled_and_enabled_and_the_log_says_by_whom(operator, ana):
    act(operator, ACCOUNTS, "disable", ana)
    assert not Account.objects.get().is_enabled

    act(operator, ACCOUNTS, "enable", ana)
    assert Account.objects.get().is_enabled

    log = LogEntry.objects.order_by("id").values_list("change_message", "user_id")
    assert list(log) == [
        ("Disabled.", operator.user.pk),
        ("Enabled.", operator.user.pk),
    ]


def test_a_role_is_changed_after_it_was_asked_for(operator, ana):
    question = act(operator, ACCOUNTS, "change_role_of", ana)
    assert Account.objects.get().role == "student"

    act(operator, ACCOUNTS, "change_role_of", ana, apply="1", role="instructor")

    assert "Change role" in question
    assert Account.objects.get().role == "instructor"


@pytest.mark.parametrize("action", ["disable", "change_role_of"])
def test_operators_cannot_lock_themselves_out(operator, make_account, action):
    account = make_account("operator@example.org")
    Account.objects.update(id=operator.user.pk)
    account.pk = operator.user.pk

    page = act(operator, ACCOUNTS, action, account, apply="1", role="student")

    assert "Your own account is left as it is." in page
    assert Account.objects.get().is_enabled
    assert not LogEntry.objects.exists()


def test_all_sessions_of_an_account_are_ended(operator, ana, sign_in):
    sign_in()
    sign_in()

    act(operator, ACCOUNTS, "end_sessions", ana)

    reasons = Session.objects.values_list("end_reason", flat=True)
    assert list(reasons) == ["ended_by_operator"] * 2


def test_one_session_is_ended(operator, ana, sign_in):
    sign_in()
    sign_in()
    first = Session.objects.earliest("created_at")

    act(operator, SESSIONS, "end", first)

    assert Session.objects.get(ended_at__isnull=False) == first
    assert LogEntry.objects.get().object_id == str(first.pk)


def test_pending_applications_stand_first_oldest_on_top(operator, make_account):
    accounts = [make_account(f"person{number}@example.org") for number in range(3)]
    applications = [
        apply_to_teach(account_id=account.pk, statement="CELTA") for account in accounts
    ]
    act(operator, APPLICATIONS, "approve", applications[0])

    rows = operator.get(APPLICATIONS).context["cl"].result_list

    assert [row.account.email[:7] for row in rows] == ["person1", "person2", "person0"]


def test_an_application_is_approved(operator, ana):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")

    act(operator, APPLICATIONS, "approve", application)

    application.refresh_from_db()
    assert application.state == "approved"
    assert application.decided_by == operator.user.pk
    assert Account.objects.get().role == "instructor"


def test_an_application_is_rejected_with_a_reason(operator, ana):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")

    act(operator, APPLICATIONS, "reject", application, apply="1", reason="")
    assert InstructorApplication.objects.get().state == "pending"
    act(operator, APPLICATIONS, "reject", application, apply="1", reason="No proof.")

    application.refresh_from_db()
    assert (application.state, application.reason) == ("rejected", "No proof.")
    assert LogEntry.objects.get().change_message == "Rejected: No proof."


def test_a_decided_application_stays_decided(operator, ana):
    application = apply_to_teach(account_id=ana.pk, statement="CELTA")
    act(operator, APPLICATIONS, "approve", application)

    page = act(operator, APPLICATIONS, "reject", application, apply="1", reason="Late.")

    assert "0 decided" in page
    assert InstructorApplication.objects.get().state == "approved"


def test_people_without_the_right_change_nothing(operator, ana):
    StaffUser.objects.update(is_superuser=False)

    data = {"action": "disable", "_selected_action": [str(ana.pk)], "index": "0"}

    assert operator.post(ACCOUNTS, data).status_code == 403
    assert Account.objects.get().is_enabled
