"""Operators in the admins of all five services, by HTTP with cookies and forms."""

import re

import pytest

from ops.platform import SERVICES
from tests.asking import ask
from tests.e2e.visitors import links, visitor
from tests.peers import refusing_peer
from tests.people import demo_account, register
from tests.records import once_each, profiles_made_by_auth, query, undelivered
from tests.waiting import wait_for

ALL = pytest.mark.parametrize("service", SERVICES)
CHANGE_LIST = re.compile(r"/admin/\w+/\w+/")
REFUSED_SECONDS = 60
RECOVERY_SECONDS = 2 * 10
MESSAGES = "/admin/outbox/outboxmessage/"


@pytest.fixture
def operator(fleet):
    """A browser that is signed in to the admin of no service yet."""
    with visitor(fleet) as browser:
        yield browser


def sign_in_admin(fleet, browser, service):
    admin = demo_account(fleet, "admin")
    return browser.sign_in(service, admin.email, admin.password)


def test_one_browser_is_signed_in_to_all_five_admins_at_once(fleet, operator):
    for service in SERVICES:
        page = sign_in_admin(fleet, operator, service)
        assert page.status_code == 200
        assert page.url.endswith("/admin/")

    pages = [operator.get(service, "/admin/") for service in SERVICES]

    assert [page.url for page in pages] == [
        f"{fleet.url(service)}/admin/" for service in SERVICES
    ]


@ALL
def test_every_list_and_its_newest_row_can_be_read(fleet, operator, service):
    register(fleet)
    wait_for(lambda: not undelivered(fleet), RECOVERY_SECONDS, "all delivered")
    index = sign_in_admin(fleet, operator, service)
    lists = [link for link in links(index.text) if CHANGE_LIST.fullmatch(link)]

    pages = {path: operator.get(service, path) for path in lists}

    assert len(lists) >= 6
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(
        lists, 200
    )
    rows = 0
    for path, page in pages.items():
        change = re.compile(re.escape(path) + r"[^/?]+/change/")
        row = next((link for link in links(page.text) if change.match(link)), None)
        if row is not None:
            assert operator.get(service, row).status_code == 200, row
            rows += 1
        if f"{path}add/" in links(page.text):
            assert operator.get(service, f"{path}add/").status_code == 200
    assert rows >= 1


@ALL
def test_a_student_does_not_enter_the_admin(fleet, operator, service):
    student = demo_account(fleet, "student")

    page = operator.sign_in(service, student.email, student.password)

    assert "/admin/login/" in page.url
    assert "This account has no rights here." in page.text
    assert "/admin/login/" in operator.get(service, MESSAGES).url


@ALL
def test_nobody_sees_the_admin_without_signing_in(fleet, operator, service):
    assert "/admin/login/" in operator.get(service, "/admin/").url
    assert "/admin/login/" in operator.get(service, MESSAGES).url


def test_a_dead_letter_is_found_explained_and_redelivered(fleet, operator):
    fleet.stop("user-web")
    with refusing_peer(fleet.platform.ports["USER_PORT"]):
        ana = register(fleet)
        wait_for(
            lambda: query(
                fleet,
                "auth",
                "SELECT position FROM outbox_outboxmessage WHERE state = 'dead'",
            ),
            RECOVERY_SECONDS,
            "a dead letter",
        )
    fleet.start("user-web")

    index = sign_in_admin(fleet, operator, "auth")
    assert "1 dead to user" in index.text
    dead_letters = operator.get("auth", f"{MESSAGES}?state__exact=dead")
    [row] = [
        link for link in links(dead_letters.text) if re.search(r"/\d+/change/", link)
    ]
    detail = operator.get("auth", row)
    assert "Given up at" in detail.text
    assert "because refused: level_missing" in detail.text
    assert "POST /api/v1/user/internal/profile/create" in detail.text
    assert not profiles_made_by_auth(fleet, [ana.id])

    redeliver = row.split("/change/")[0] + "/redeliver/"
    asked = operator.get("auth", redeliver)
    assert "under its old key" in asked.text
    assert query(
        fleet, "auth", "SELECT 1 FROM outbox_outboxmessage WHERE state = 'dead'"
    )
    done = operator.post("auth", redeliver, apply="1")

    assert done.status_code == 200
    wait_for(
        lambda: profiles_made_by_auth(fleet, [ana.id]) == once_each([ana.id]),
        RECOVERY_SECONDS,
        "the profile, after the redelivery",
    )
    wait_for(lambda: not undelivered(fleet), RECOVERY_SECONDS, "nothing left")
    assert "Delivered to user at" in operator.get("auth", row).text
    [(message,)] = query(
        fleet,
        "auth",
        "SELECT change_message FROM django_admin_log ORDER BY id DESC LIMIT 1",
    )
    assert message == "Redelivered."


def test_a_paused_destination_says_so_and_goes_on(fleet, operator):
    sign_in_admin(fleet, operator, "auth")
    operator.post(
        "auth", "/admin/outbox/destination/user/pause/", apply="1", reason="moving"
    )
    ana = register(fleet)
    [(position,)] = query(
        fleet,
        "auth",
        "SELECT position FROM outbox_outboxmessage "
        "WHERE destination = 'user' AND ordering_key = ?",
        ana.id,
    )

    waiting = operator.get("auth", f"{MESSAGES}{position}/change/")
    operator.post("auth", "/admin/outbox/destination/user/resume/", apply="1")

    assert "deliveries to user are paused since" in waiting.text
    assert "moving" in waiting.text
    wait_for(
        lambda: profiles_made_by_auth(fleet, [ana.id]) == once_each([ana.id]),
        RECOVERY_SECONDS,
        "the profile, after the pause",
    )


@pytest.mark.timeout(240)
def test_an_approved_instructor_needs_a_new_token_and_gets_it(fleet, operator):
    ana = register(fleet)
    applied = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/instructor-applications",
        json={"statement": "I have taught for ten years."},
        token=ana.access_token,
    )
    assert applied.status_code == 201
    sign_in_admin(fleet, operator, "auth")

    operator.post(
        "auth",
        "/admin/accounts/instructorapplication/",
        action="approve",
        _selected_action=applied.json()["id"],
        index="0",
    )

    pages = {
        "auth": "/api/v1/auth/me",
        "user": "/api/v1/user/profile",
        "notification": "/api/v1/notifications",
    }
    wait_for(
        lambda: (
            {
                ask(
                    "GET", fleet.url(service) + path, token=ana.access_token
                ).status_code
                for service, path in pages.items()
            }
            == {401}
        ),
        REFUSED_SECONDS,
        "the token with the old role refused by every service",
    )
    refreshed = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/refresh",
        json={"refresh_token": ana.refresh_token},
    )
    assert refreshed.status_code == 200
    token = refreshed.json()["access_token"]
    me = ask("GET", f"{fleet.gateway_url}/api/v1/auth/me", token=token)
    assert me.json()["role"] == "instructor"
    profile = ask("GET", f"{fleet.gateway_url}/api/v1/user/profile", token=token)
    assert profile.status_code == 200
    assert profile.json()["role"] == "instructor"
