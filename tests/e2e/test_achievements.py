"""An achievement, door by door: docs/flows/achievement-earned.md, on the platform."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from shared.wire.ids import uuid7
from tests.asking import ask
from tests.courses import complete, enroll, write_course
from tests.internal_calls import Door, key_of, knock
from tests.people import register
from tests.records import undelivered
from tests.waiting import wait_for

SOON_SECONDS = 20
PROGRESS = Door("user", "PUT", "/api/v1/user/internal/progress/update", "course", "")
GOAL = {"title": "Five lessons", "unit": "lessons", "target": 5, "period": "weekly"}


@pytest.fixture(scope="module")
def course(session_fleet):
    """A course of six lessons that the demo instructor has written."""
    return write_course(session_fleet, lessons=6)


def call(fleet, person, method, path, json=None):
    url = f"{fleet.gateway_url}/api/v1/{path}"
    response = ask(method, url, json=json, token=person.access_token)
    assert response.status_code < 300, response.text
    return response.json()


def read(fleet, person, path):
    return call(fleet, person, "GET", path)


def told(fleet, person):
    """Count what the learner was told of achievements, by title."""
    page = read(fleet, person, "notifications?type=achievement")
    return Counter(notice["title"] for notice in page["results"])


def wait_until_told(fleet, person, title):
    wait_for(
        lambda: told(fleet, person)[title] and not undelivered(fleet, "user"),
        SOON_SECONDS,
        title,
    )


def points_everywhere(fleet, person):
    boards = [
        read(fleet, person, f"user/leaderboard?period={period}")["own"]
        for period in ("week", "month", "all")
    ]
    return {
        read(fleet, person, "user/progress")["points"],
        read(fleet, person, "user/achievements")["points"],
        *(own["points"] for own in boards),
    }


def test_the_seventh_day_in_a_row_is_one_achievement_and_one_notice(fleet):
    ana = register(fleet)
    now = datetime.now(UTC)
    days = [
        (uuid7(), {"user_id": ana.id, "lessons_completed": 1, "occurred_at": moment})
        for moment in ((now - timedelta(days=n)).isoformat() for n in range(7))
    ]
    copies = days * 3
    random.Random(5).shuffle(copies)
    key = key_of(fleet, "course", "user")

    for idempotency_key, body in copies:
        answer = knock(
            fleet, PROGRESS, key=key, body=body, idempotency_key=idempotency_key
        )
        assert answer.status_code == 200, answer.text

    wait_until_told(fleet, ana, "Achievement earned: 7 days in a row")
    assert told(fleet, ana) == {
        "Achievement earned: First lesson": 1,
        "Achievement earned: 7 days in a row": 1,
        "7 days in a row": 1,
    }
    progress = read(fleet, ana, "user/progress")
    assert progress["lessons_completed"] == 7
    assert progress["current_streak_days"] == progress["longest_streak_days"] == 7
    catalogue = read(fleet, ana, "user/achievements")["results"]
    earned = {entry["key"] for entry in catalogue if entry["earned_at"]}
    assert earned == {"first_lesson", "streak_7"}
    assert points_everywhere(fleet, ana) == {60}


def test_the_fifth_lesson_completes_a_weekly_goal_once(fleet, course):
    ana = register(fleet)
    goal = call(fleet, ana, "POST", "user/goals", GOAL)
    enroll(fleet, course, ana.access_token)

    for lesson_id in course.lesson_ids * 2:
        assert complete(fleet, lesson_id, ana.access_token).status_code == 200

    def goal_now():
        return read(fleet, ana, f"user/goals/{goal['id']}")

    assert (goal["current"], goal["status"]) == (0, "active")
    wait_for(
        lambda: goal_now()["current"] == 6, SOON_SECONDS, "six lessons in the goal"
    )
    assert goal_now()["status"] == "completed"
    wait_until_told(fleet, ana, "Achievement earned: First goal completed")
    assert told(fleet, ana) == {
        "Achievement earned: First lesson": 1,
        "Goal completed: Five lessons": 1,
        "Achievement earned: First goal completed": 1,
    }
    assert points_everywhere(fleet, ana) == {30}
