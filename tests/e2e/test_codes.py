"""Codes by mail, from the gateway to the mail that a person reads, and back."""

import stat

from tests.asking import ask, problem_of
from tests.mails import mailed_code, mails_to
from tests.people import PASSWORD, register

NEW = "another-horse-battery"


def post(fleet, path, token="", **body):
    url = f"{fleet.gateway_url}/api/v1/auth/{path}"
    return ask("POST", url, json=body, token=token)


def test_a_forgotten_password_is_replaced_by_mail(fleet):
    ana = register(fleet)

    asked = post(fleet, "password-reset", email=ana.email)
    confirmed = post(
        fleet,
        "password-reset/confirm",
        email=ana.email,
        code=mailed_code(fleet, ana),
        new_password=NEW,
    )

    old = post(fleet, "login", email=ana.email, password=PASSWORD)
    new = post(fleet, "login", email=ana.email, password=NEW)
    refreshed = post(fleet, "refresh", refresh_token=ana.refresh_token)
    assert (asked.status_code, confirmed.status_code) == (202, 204)
    assert (old.status_code, new.status_code, refreshed.status_code) == (401, 200, 401)
    assert len(mails_to(fleet, ana)) == 1


def test_a_code_of_one_person_resets_nobody_elses_password(fleet):
    ana, bo = register(fleet), register(fleet)
    for person in (ana, bo):
        post(fleet, "password-reset", email=person.email)

    response = post(
        fleet,
        "password-reset/confirm",
        email=bo.email,
        code=mailed_code(fleet, ana),
        new_password=NEW,
    )

    assert problem_of(response, 400)["code"] == "invalid_code"
    assert post(fleet, "login", email=bo.email, password=PASSWORD).status_code == 200


def test_an_address_is_confirmed_by_mail_when_the_worker_is_back(fleet):
    ana = register(fleet)
    fleet.stop("auth-worker")
    asked = post(fleet, "email-verification", token=ana.access_token)
    fleet.start("auth-worker")

    confirmed = post(
        fleet,
        "email-verification/confirm",
        token=ana.access_token,
        code=mailed_code(fleet, ana),
    )

    me = ask("GET", f"{fleet.gateway_url}/api/v1/auth/me", token=ana.access_token)
    assert (asked.status_code, confirmed.status_code) == (202, 204)
    assert me.json()["email_verified"] is True


def test_nobody_else_on_the_machine_reads_the_mails(fleet):
    ana = register(fleet)
    post(fleet, "password-reset", email=ana.email)
    mailed_code(fleet, ana)

    [mail, *_] = (fleet.platform.var / "auth" / "mail").iterdir()

    # Whoever may not enter a folder cannot open what is below it.
    assert stat.S_IMODE(mail.parent.parent.stat().st_mode) == 0o700
