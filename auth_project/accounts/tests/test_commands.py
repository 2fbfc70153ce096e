"""Operators' commands around accounts."""

import io
import json
import stat
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from auth_project.accounts.demo import DEMO_ACCOUNTS
from auth_project.accounts.models import Account
from auth_project.accounts.services import erase_account, verify_credentials
from auth_project.conftest import PASSWORD
from shared.demo import DEMO_INSTRUCTOR, LAN

pytestmark = pytest.mark.django_db


def run(*arguments):
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def create_account(monkeypatch, password, **options):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    arguments = [f"--{name}={value}" for name, value in options.items()]
    return run("create_account", *arguments)


def test_the_demo_accounts_can_sign_in_with_the_printed_password():
    people = json.loads(run("demo_accounts", "--json"))

    roles = {
        person["email"]: verify_credentials(
            email=person["email"], password=person["password"], address=""
        ).role
        for person in people
    }
    assert roles == {
        "learner@demo.ielts": "student",
        "minh@demo.ielts": "student",
        "sofia@demo.ielts": "student",
        "instructor@demo.ielts": "instructor",
        "admin@demo.ielts": "admin",
    }
    assert {person["email"]: person["role"] for person in people} == roles


def test_the_demo_accounts_are_made_once():
    first = run("demo_accounts")

    assert run("demo_accounts") == first
    assert Account.objects.count() == len(DEMO_ACCOUNTS) == 5
    mode = settings.DEMO_PASSWORD_FILE.stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("person", [DEMO_INSTRUCTOR, LAN])
def test_a_demo_account_that_was_erased_comes_back_as_somebody_new(person):
    run("demo_accounts")
    erase_account(account_id=person.id)

    run("demo_accounts")

    again = Account.objects.get(email=person.email)
    assert again.pk != person.id


def test_an_account_is_made_with_a_role(monkeypatch):
    create_account(monkeypatch, PASSWORD, email="Root@example.org", role="admin")

    account = verify_credentials(
        email="root@example.org", password=PASSWORD, address=""
    )
    assert account.role == "admin"


@pytest.mark.parametrize(
    ("password", "email", "reason"),
    [
        ("short", "root@example.org", "The password is refused"),
        (PASSWORD, "root", "is not an e-mail address"),
        (PASSWORD, "ana@example.org", "There is an account"),
    ],
)
def test_an_account_is_refused_in_one_sentence(
    ana, monkeypatch, password, email, reason
):
    with pytest.raises(CommandError, match=reason):
        create_account(monkeypatch, password, email=email)
