"""Sign-in, refresh, sign-out and roles, as every service sees them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.asking import ask, problem_of
from tests.people import PASSWORD, new_email, register
from tests.records import query
from tests.waiting import wait_for

# Access that ended is refused everywhere this soon after the fact: not twice that.
REFUSED_SECONDS = 60
# What a person reads at each service that has a door for people.
OWN_PAGES = {
    "auth": "/api/v1/auth/me",
    "user": "/api/v1/user/profile",
    "notification": "/api/v1/notifications",
}
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 30


def statuses(fleet, token):
    """Return what each service answers to this token, asked directly."""
    return {
        service: ask("GET", fleet.url(service) + path, token=token).status_code
        for service, path in OWN_PAGES.items()
    }


def everywhere(status):
    return dict.fromkeys(OWN_PAGES, status)


def refresh(fleet, token):
    return ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/refresh",
        json={"refresh_token": token},
    )


def test_twenty_parallel_refreshes_make_one_successor(fleet):
    ana = register(fleet)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: refresh(fleet, ana.refresh_token), range(20)))

    assert Counter(answer.status_code for answer in answers) == {200: 20}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert ana.refresh_token not in successors
    [(tokens, sessions)] = query(
        fleet,
        "auth",
        "SELECT count(*), count(DISTINCT session_id) FROM device_sessions_refreshtoken "
        "JOIN device_sessions_session ON session_id = device_sessions_session.id "
        "WHERE account_id = ?",
        ana.id.replace("-", ""),
    )
    assert (tokens, sessions) == (2, 1)


def test_a_token_whose_successor_was_used_ends_the_session(fleet):
    ana = register(fleet)
    successor = refresh(fleet, ana.refresh_token).json()["refresh_token"]
    newest = refresh(fleet, successor).json()["refresh_token"]

    reused = refresh(fleet, ana.refresh_token)

    assert problem_of(reused, 401)["code"] == "refresh_token_reused"
    assert problem_of(refresh(fleet, newest), 401)["code"] == "invalid_refresh_token"


@pytest.mark.timeout(240)
def test_access_ends_everywhere_within_a_minute_of_signing_out(fleet):
    ana, bob = register(fleet), register(fleet)
    assert statuses(fleet, ana.access_token) == everywhere(200)

    response = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/logout",
        json={"refresh_token": ana.refresh_token},
    )

    assert response.status_code == 204
    wait_for(
        lambda: statuses(fleet, ana.access_token) == everywhere(401),
        REFUSED_SECONDS,
        "the access token refused by every service",
    )
    assert problem_of(refresh(fleet, ana.refresh_token), 401)["code"] == (
        "invalid_refresh_token"
    )
    assert statuses(fleet, bob.access_token) == everywhere(200)


def test_a_changed_password_ends_the_other_devices(fleet):
    ana = register(fleet)
    elsewhere = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/login",
        json={"email": ana.email, "password": PASSWORD},
    )
    assert elsewhere.status_code == 200

    changed = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/change-password",
        json={"current_password": PASSWORD, "new_password": "another-horse-staple"},
        token=ana.access_token,
    )

    assert changed.status_code == 204
    wait_for(
        lambda: statuses(fleet, elsewhere.json()["access_token"]) == everywhere(401),
        REFUSED_SECONDS,
        "the other device refused by every service",
    )
    assert statuses(fleet, ana.access_token) == everywhere(200)


# ── how often a password may be tried ──


def sign_in(url, *, email, address=""):
    """Try a wrong password; at a service's own port the client may claim a hop."""
    return ask(
        "POST",
        f"{url}/api/v1/auth/login",
        json={"email": email, "password": "wrong-horse-battery"},
        headers={"X-Forwarded-For": address} if address else {},
    )


def verdicts(answers):
    """Count the answers; each refusal must be the promised one."""
    counted = Counter(answer.status_code for answer in answers)
    assert counted.keys() <= {401, 429}
    for answer in answers:
        if answer.status_code == 401:
            assert problem_of(answer, 401)["code"] == "invalid_credentials"
        else:
            problem_of(answer, 429)
            assert int(answer.headers["Retry-After"]) > 0
    return counted


@pytest.mark.parametrize(
    ("door", "known"),
    [("gateway", True), ("service", True), ("service", False)],
    ids=["an account, gateway", "an account, service", "nobody, service"],
)
def test_two_hundred_parallel_guesses_get_ten_verdicts(fleet, door, known):
    email = register(fleet).email if known else new_email()
    url = fleet.gateway_url if door == "gateway" else fleet.url("auth")

    with ThreadPoolExecutor(50) as pool:
        answers = list(
            pool.map(
                lambda i: sign_in(url, email=email, address=f"198.51.100.{i}"),
                range(200),
            )
        )

    assert verdicts(answers) == {401: FAILURES_PER_ACCOUNT, 429: 190}


def test_one_address_gets_thirty_verdicts_for_all_accounts(fleet):
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda _: sign_in(
                    fleet.url("auth"), email=new_email(), address="203.0.113.77"
                ),
                range(60),
            )
        )

    assert verdicts(answers) == {401: FAILURES_PER_ADDRESS, 429: 30}


def test_guesses_do_not_disturb_who_is_signed_in(fleet):
    ana = register(fleet)
    for i in range(12):
        sign_in(fleet.url("auth"), email=ana.email, address=f"192.0.2.{i}")

    assert statuses(fleet, ana.access_token) == everywhere(200)
    assert refresh(fleet, ana.refresh_token).status_code == 200
