"""What a learner sees and does at user-service, with peers away or hanging."""

import time

import pytest

from tests.asking import ask, problem_of
from tests.courses import complete, enroll, write_course
from tests.people import register
from tests.waiting import wait_for

ANSWER_SECONDS = 2 * 1  # twice the promise: machines are shared
SOON_SECONDS = 20
BACK_SECONDS = 30
REMIND = """
from django.utils import timezone
from user_project.profiles.models import Profile
from user_project.reminders.services import remind_learners
Profile.objects.filter(pk="{}").update(study_reminder_due_at=timezone.now())
remind_learners()
"""
PARTS = ["current_courses", "recent_attempts", "unread_notifications"]


@pytest.fixture(scope="module")
def course(session_fleet):
    """A course of two lessons that the demo instructor has written."""
    return write_course(session_fleet, lessons=2, title="Listening for numbers")


@pytest.fixture
def ana(fleet, course):
    """A learner who has completed one of two lessons, and whose welcome has come."""
    ana = register(fleet, full_name="Ana Lopez")
    enroll(fleet, course, ana.access_token)
    assert complete(fleet, course.lesson_ids[0], ana.access_token).status_code == 200
    wait_for(
        lambda: _has_arrived(dashboard(fleet, ana)[0]),
        SOON_SECONDS,
        "the lesson on the dashboard",
    )
    return ana


def dashboard(fleet, person):
    """Return a person's dashboard, and the seconds that it took."""
    began = time.monotonic()
    answer = ask(
        "GET",
        f"{fleet.gateway_url}/api/v1/user/dashboard",
        token=person.access_token,
    )
    seconds = time.monotonic() - began
    assert answer.status_code == 200, answer.text
    return answer.json(), seconds


def call(fleet, method, path, person, json=None):
    url = f"{fleet.gateway_url}/api/v1/{path}"
    return ask(method, url, json=json, token=person.access_token)


def test_a_dashboard_has_what_five_services_know(fleet, ana, course):
    shown, _ = dashboard(fleet, ana)

    assert shown["unavailable"] == []
    assert shown["profile"]["full_name"] == "Ana Lopez"
    assert shown["progress"]["study_minutes"] == course.lesson_minutes
    assert [item["skill"] for item in shown["statistics"]] == [
        "listening",
        "reading",
        "writing",
        "speaking",
    ]
    [current] = shown["current_courses"]
    assert (current["title"], current["progress_percent"]) == (course.title, 50)
    assert current["next_lesson_id"] == course.lesson_ids[1]
    assert (shown["courses_completed"], shown["attempts_graded"]) == (0, 0)
    assert shown["recent_attempts"] == []
    unread = call(fleet, "GET", "notifications?unread=true", ana).json()
    assert shown["unread_notifications"]["unread_count"] == unread["count"]
    assert [
        item["notification_id"]
        for item in shown["unread_notifications"]["latest_unread"]
    ] == [item["id"] for item in unread["results"]]


@pytest.mark.parametrize("fault", ["stop", "freeze"])
def test_without_course_service_the_rest_comes_in_time(fleet, ana, fault):
    getattr(fleet, fault)("course-web")

    answers = [dashboard(fleet, ana) for _ in range(8)]

    assert max(seconds for _, seconds in answers) < ANSWER_SECONDS
    for shown, _ in answers:
        assert shown["unavailable"] == ["current_courses"]
        assert (shown["current_courses"], shown["courses_completed"]) == ([], None)
        assert shown["attempts_graded"] == 0
        assert shown["unread_notifications"]["unread_count"] > 0
        assert shown["progress"]["lessons_completed"] == 1
    fleet.mend()
    wait_for(
        lambda: _has_arrived(dashboard(fleet, ana)[0]),
        BACK_SECONDS,
        "the courses, once course-service is back",
    )


def test_with_all_peers_away_there_is_a_dashboard(fleet, ana):
    fleet.freeze("course-web")
    fleet.freeze("exercise-web")
    fleet.stop("notification-web")

    shown, seconds = dashboard(fleet, ana)

    assert seconds < ANSWER_SECONDS
    assert shown["unavailable"] == PARTS
    assert shown["unread_notifications"] is None
    assert shown["progress"]["lessons_completed"] == 1


def test_a_study_session_goes_through_the_gateway_into_the_history(fleet):
    ana = register(fleet)
    about = {"skill": "reading", "resource_title": "Headings"}
    session = call(fleet, "POST", "user/sessions", ana, about).json()
    path = f"user/sessions/{session['id']}"

    beaten = call(fleet, "POST", f"{path}/heartbeat", ana)
    ended = [call(fleet, "POST", f"{path}/end", ana) for _ in range(3)]

    assert beaten.status_code == 200
    assert [answer.status_code for answer in ended] == [200, 200, 200]
    assert ended[0].json()["state"] == "ended"
    assert [answer.json() for answer in ended] == [ended[0].json()] * 3
    late = call(fleet, "POST", f"{path}/heartbeat", ana)
    assert problem_of(late, 409)["code"] == "session_ended"
    stranger = call(fleet, "POST", f"{path}/end", register(fleet))
    assert problem_of(stranger, 404)["code"] == "session_not_found"
    [entry] = call(fleet, "GET", "user/progress/history", ana).json()["results"]
    assert (entry["session_type"], entry["resource_title"]) == ("study", "Headings")


def test_who_becomes_private_is_not_found_by_others(fleet):
    ana, ben = register(fleet, full_name="Ana Lopez"), register(fleet)
    path = f"users/{ana.id}"
    public = wait_for(
        lambda: _if_ok(call(fleet, "GET", path, ben)), SOON_SECONDS, "Ana's profile"
    )

    changed = call(fleet, "PATCH", "user/preferences", ana, {"visibility": "private"})

    assert public.json()["display_name"] == "Ana Lopez"
    assert ana.email not in public.text
    assert changed.json()["visibility"] == "private"
    hidden = call(fleet, "GET", path, ben)
    assert problem_of(hidden, 404)["code"] == "profile_not_found"


def test_a_day_without_study_ends_in_a_notice_in_the_learners_language(fleet):
    ana = register(fleet)
    wishes = {"locale": "vi", "study_reminders": True}
    assert call(fleet, "PATCH", "user/preferences", ana, wishes).status_code == 200

    fleet.manage("user", "shell", "-c", REMIND.format(ana.id))

    reminder = wait_for(
        lambda: call(fleet, "GET", "notifications?type=reminder", ana).json()[
            "results"
        ],
        SOON_SECONDS,
        "the reminder",
    )
    assert [item["title"] for item in reminder] == ["Đến giờ học rồi"]


def _has_arrived(shown):
    """Say whether all parts show the lesson, and what is told of it is there."""
    unread = shown["unread_notifications"]
    return (
        not shown["unavailable"]
        and shown["progress"]["lessons_completed"] == 1
        # The welcome, the lesson, and the achievement of a first lesson.
        and unread["unread_count"] == 3
    )


def _if_ok(answer):
    return answer if answer.status_code == 200 else None
