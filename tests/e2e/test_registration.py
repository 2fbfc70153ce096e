"""A registration, door by door: docs/flows/registration.md, tried on the platform."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.asking import ask, problem_of
from tests.journals import journal
from tests.people import new_email, register, try_to_register
from tests.records import (
    accounts,
    once_each,
    profiles_made_by_auth,
    query,
    readers,
    welcomes,
)
from tests.waiting import wait_for

# The promise is one second; machines are shared.
SOON_SECONDS = 2
LOGGED_SECONDS = 20  # supervisord writes the logs when it comes to it


def test_a_registration_reaches_every_service_within_a_second(fleet):
    register(fleet)  # the processes have served before they are timed

    ana = register(fleet, full_name="Ana Lopez")

    once = once_each([ana.id])
    wait_for(
        lambda: (
            profiles_made_by_auth(fleet, [ana.id]) == once
            and welcomes(fleet, [ana.id]) == once
            and readers(fleet, [ana.id]) == once
        ),
        SOON_SECONDS,
        "profile, welcome and reader",
    )
    profile = ask(
        "GET", f"{fleet.gateway_url}/api/v1/user/profile", token=ana.access_token
    )
    assert profile.status_code == 200
    assert profile.json()["user_id"] == ana.id
    assert profile.json()["full_name"] == "Ana Lopez"
    notices = ask(
        "GET", f"{fleet.gateway_url}/api/v1/notifications", token=ana.access_token
    )
    assert notices.status_code == 200
    assert notices.json()["count"] == 1
    assert "Ana Lopez" in notices.json()["results"][0]["message"]


def test_a_registration_is_one_trace_in_the_logs_of_all_services(fleet):
    ana = register(fleet)

    expected = {
        "auth-web": {"/api/v1/auth/register"},
        "auth-worker": {
            "POST /api/v1/user/internal/profile/create",
            "POST /api/v1/notification/internal/send",
            "POST /api/v1/notification/internal/events",
            "POST /api/v1/course/internal/events",
            "POST /api/v1/exercise/internal/events",
        },
        "user-web": {"/api/v1/user/internal/profile/create"},
        "notification-web": {
            "/api/v1/notification/internal/send",
            "/api/v1/notification/internal/events",
        },
        "course-web": {"/api/v1/course/internal/events"},
        "exercise-web": {"/api/v1/exercise/internal/events"},
    }

    def seen():
        return {name: _places(fleet, name, ana.trace_id) for name in expected}

    wait_for(lambda: seen() == expected, LOGGED_SECONDS, f"{expected} in one trace")
    assert len(ana.trace_id) == 32


def test_a_trace_id_that_the_client_gives_goes_all_the_way(fleet):
    trace_id = "0af7651916cd43dd8448eb211c80319c"

    response = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/register",
        json={"email": new_email(), "password": "correct-horse-battery"},
        headers={"X-Trace-ID": trace_id},
    )

    assert response.status_code == 201
    assert response.headers["X-Trace-ID"] == trace_id
    wait_for(
        lambda: _places(fleet, "user-web", trace_id),
        LOGGED_SECONDS,
        "the client's trace id in the log of user-service",
    )


def test_fifty_parallel_registrations_of_one_address_make_one_account(fleet):
    email = new_email()

    with ThreadPoolExecutor(50) as pool:
        responses = list(
            pool.map(lambda _: try_to_register(fleet, email=email), range(50))
        )

    statuses = Counter(response.status_code for response in responses)
    assert statuses == {201: 1, 409: 49}
    refused = [response for response in responses if response.status_code == 409]
    assert {problem_of(one, 409)["code"] for one in refused} == {"email_taken"}
    [(count,)] = query(
        fleet, "auth", "SELECT count(*) FROM accounts_account WHERE email = ?", email
    )
    assert count == 1
    user_id = accounts(fleet)[email]
    once = once_each([user_id])
    wait_for(
        lambda: (
            profiles_made_by_auth(fleet, [user_id]) == once
            and welcomes(fleet, [user_id]) == once
        ),
        2 * SOON_SECONDS,
        "one profile and one welcome",
    )
    [(profiles,)] = query(
        fleet, "user", "SELECT count(*) FROM profiles_profile WHERE email = ?", email
    )
    assert profiles == 1


def test_nobody_becomes_an_instructor_by_registering(fleet):
    response = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/register",
        json={
            "email": new_email(),
            "password": "correct-horse-battery",
            "role": "instructor",
        },
    )

    assert response.status_code == 201
    assert response.json()["user"]["role"] == "student"


def _places(fleet, program, trace_id):
    """Return the routes and endpoints that *program* has logged in this trace."""
    return {
        entry.get("endpoint") or entry.get("route")
        for entry in journal(fleet, program)
        if entry.get("trace_id") == trace_id and entry["event"] in ("request", "call")
    }
