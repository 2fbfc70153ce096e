"""Lessons and courses completed: two pages of docs/flows, tried on the platform."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from tests.asking import ask, problem_of
from tests.courses import complete, enroll, write_course
from tests.journals import journal
from tests.people import register
from tests.records import query, undelivered
from tests.waiting import wait_for

# The promise is one second; machines are shared.
SOON_SECONDS = 4
BACK_SECONDS = 20  # twice the promise after an outage


@pytest.fixture(scope="module")
def course(session_fleet):
    """A course of six lessons that the demo instructor has written."""
    return write_course(session_fleet, lessons=6)


def progress_of(fleet, user_id):
    """Return lessons, minutes and sessions that user-service has counted."""
    key = UUID(user_id).hex
    totals = query(
        fleet,
        "user",
        "SELECT lessons_completed, study_minutes FROM progress_progress "
        "WHERE user_id = ?",
        key,
    )
    [(sessions,)] = query(
        fleet,
        "user",
        "SELECT count(*) FROM progress_studysession WHERE user_id = ?",
        key,
    )
    return (*totals[0], sessions) if totals else (0, 0, sessions)


def notices_of(fleet, person):
    """Count a person's notices from course by their template."""
    rows = query(
        fleet,
        "notification",
        "SELECT template FROM notices_notice WHERE user_id = ? AND sender = 'course'",
        UUID(person.id).hex,
    )
    return Counter(template for (template,) in rows)


def get(fleet, path, person):
    response = ask(
        "GET", f"{fleet.gateway_url}/api/v1/{path}", token=person.access_token
    )
    assert response.status_code == 200, response.text
    return response.json()


def test_three_of_six_lessons_are_fifty_percent(fleet, course):
    ana = register(fleet)
    enrollment = enroll(fleet, course, ana.access_token)

    for lesson_id in course.lesson_ids[:3]:
        assert complete(fleet, lesson_id, ana.access_token).status_code == 200

    shown = get(fleet, f"enrollments/{enrollment['id']}", ana)
    assert shown["progress_percent"] == 50
    assert shown["next_lesson"]["id"] == course.lesson_ids[3]
    wait_for(
        lambda: (
            progress_of(fleet, ana.id) == (3, 3 * course.lesson_minutes, 3)
            and notices_of(fleet, ana)["lesson_completed"] == 3
        ),
        SOON_SECONDS,
        "three lessons in progress and notices",
    )
    assert get(fleet, "certificates", ana)["count"] == 0


def test_a_completed_lesson_is_one_trace_in_the_logs_of_three_services(fleet, course):
    ana = register(fleet)
    enroll(fleet, course, ana.access_token)

    answer = complete(fleet, course.lesson_ids[0], ana.access_token)

    trace_id = answer.headers["X-Trace-ID"]
    expected = {
        "course-web": {"/api/v1/lessons/<uuid:lesson_id>/complete"},
        "course-worker": {
            "PUT /api/v1/user/internal/progress/update",
            "POST /api/v1/notification/internal/send",
        },
        "user-web": {"/api/v1/user/internal/progress/update"},
        "notification-web": {"/api/v1/notification/internal/send"},
    }

    def is_seen():
        return all(
            places <= _places(fleet, program, trace_id)
            for program, places in expected.items()
        )

    wait_for(is_seen, SOON_SECONDS, f"{expected} in one trace")


def test_every_lesson_counts_once_however_often_it_is_completed(fleet, course):
    ana = register(fleet, full_name="Ana Lopez")
    enrollment = enroll(fleet, course, ana.access_token)
    often = {0: 2, 1: 20, 5: 20}
    requests = [
        lesson_id
        for number, lesson_id in enumerate(course.lesson_ids)
        for _ in range(often.get(number, 1))
    ]

    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda lesson_id: complete(fleet, lesson_id, ana.access_token), requests
            )
        )

    assert {answer.status_code for answer in answers} == {200}
    once = {(item["lesson_id"], item["completed_at"]) for item in _bodies(answers)}
    assert len(once) == 6
    shown = get(fleet, f"enrollments/{enrollment['id']}", ana)
    assert (shown["state"], shown["progress_percent"]) == ("completed", 100)
    wait_for(
        lambda: not undelivered(fleet, "course"),
        SOON_SECONDS,
        "an empty outbox of course",
    )
    assert progress_of(fleet, ana.id) == (6, 6 * course.lesson_minutes, 6)
    expected = {"lesson_completed": 6, "certificate_issued": 1}
    assert notices_of(fleet, ana) == Counter(expected)


def test_a_completed_course_has_a_certificate_that_anybody_can_verify(fleet, course):
    ana = register(fleet, full_name="Ana Lopez")
    enroll(fleet, course, ana.access_token)
    for lesson_id in course.lesson_ids:
        complete(fleet, lesson_id, ana.access_token)

    [certificate] = get(fleet, "certificates", ana)["results"]

    address = f"{fleet.gateway_url}/api/v1/certificates/{certificate['code']}"
    verified = ask("GET", address)
    assert verified.status_code == 200
    assert verified.json() == certificate
    assert certificate["name"] == "Ana Lopez"
    assert certificate["course_title"] == course.title
    page = ask("GET", address, headers={"Accept": "text/html"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Ana Lopez" in page.text
    assert certificate["code"] in page.text
    unknown = ask("GET", f"{address[:-4]}ZZZZ", headers={"Accept": "text/html"})
    assert problem_of(unknown, 404)["code"] == "certificate_not_found"
    notice = wait_for(
        lambda: [
            item
            for item in get(fleet, "notifications", ana)["results"]
            if certificate["code"] in item["message"]
        ],
        SOON_SECONDS,
        "the notice of the certificate",
    )
    assert len(notice) == 1


def test_lessons_completed_while_user_service_is_down_are_counted_after(fleet, course):
    ana = register(fleet)
    enroll(fleet, course, ana.access_token)
    fleet.stop("user-web")

    answers = [
        complete(fleet, lesson_id, ana.access_token)
        for lesson_id in (*course.lesson_ids[:2], course.lesson_ids[0])
    ]
    fleet.start("user-web")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    wait_for(
        lambda: progress_of(fleet, ana.id) == (2, 2 * course.lesson_minutes, 2),
        BACK_SECONDS,
        "two lessons in progress",
    )


def test_a_lesson_of_a_course_that_one_does_not_take_counts_nothing(fleet, course):
    ana = register(fleet)

    refused = complete(fleet, course.lesson_ids[1], ana.access_token)

    assert problem_of(refused, 403)["code"] == "not_enrolled"
    assert progress_of(fleet, ana.id) == (0, 0, 0)


def _bodies(answers):
    return [answer.json() for answer in answers]


def _places(fleet, program, trace_id):
    """Return the routes and endpoints that *program* has logged in this trace."""
    return {
        entry.get("endpoint") or entry.get("route")
        for entry in journal(fleet, program)
        if entry.get("trace_id") == trace_id and entry["event"] in ("request", "call")
    }
