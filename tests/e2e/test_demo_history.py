"""What a fresh platform shows: the demo learners have a past in every service."""

from concurrent.futures import ThreadPoolExecutor

from tests.asking import ask
from tests.people import demo_account
from tests.waiting import wait_for

SOON_SECONDS = 60
WITH_HISTORY = ("course", "exercise", "user")


def get(fleet, path, token):
    answer = ask("GET", f"{fleet.gateway_url}/api/v1/{path}", token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_the_demo_learners_have_done_is_known_everywhere(fleet):
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: fleet.manage(name, "demo_history"), WITH_HISTORY))
    lan = demo_account(fleet, "student")
    signed_in = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/login",
        json={"email": lan.email, "password": lan.password},
    )
    token = signed_in.json()["access_token"]

    wait_for(
        lambda: _done(get(fleet, "user/progress", token)) == (9, 3),
        SOON_SECONDS,
        "nine lessons and three tests",
    )
    progress = get(fleet, "user/progress", token)
    assert progress["longest_streak_days"] == progress["current_streak_days"] == 10
    assert progress["points"] > 0
    reading = get(fleet, "user/statistics/reading", token)
    assert (reading["practices"], reading["trend"]) == (2, [57.5, 75.0])
    assert reading["estimated_band"] == 6.5
    [goal] = get(fleet, "user/goals", token)["results"]
    assert (goal["current"], goal["status"]) == (3, "active")
    [current] = get(fleet, "user/dashboard", token)["current_courses"]
    assert current["progress_percent"] == 50
    wait_for(
        lambda: len(get(fleet, "user/leaderboard", token)["results"]) >= 3,
        SOON_SECONDS,
        "three learners on the leaderboard",
    )


def _done(progress):
    return progress["lessons_completed"], progress["exercises_completed"]
