"""The catalogue through the gateway: the courses of a fresh platform, and reviews."""

import pytest

from tests.asking import ask, problem_of
from tests.courses import enroll, write_course
from tests.people import demo_account, register

DEMO_COURSES = {
    "listening-for-the-answer",
    "reading-with-purpose",
    "writing-task-2-from-plan-to-page",
}


@pytest.fixture
def courses_url(fleet):
    return f"{fleet.gateway_url}/api/v1/courses"


def test_a_visitor_of_a_fresh_platform_reads_a_free_lesson(courses_url):
    listed = ask("GET", f"{courses_url}?page_size=100").json()["results"]
    course = ask("GET", f"{courses_url}/reading-with-purpose").json()

    assert {course["slug"] for course in listed} >= DEMO_COURSES
    assert course["instructor_name"] == "Ian Wright"
    lessons = [lesson for module in course["modules"] for lesson in module["lessons"]]
    assert [lesson["is_open"] for lesson in lessons] == [True] + [False] * 5
    assert len(lessons[0]["body"].split()) > 600
    assert [lesson["body"] for lesson in lessons[1:]] == [None] * 5


def test_the_demo_instructor_writes_the_demo_courses(fleet, courses_url):
    account = demo_account(fleet, "instructor")
    token = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/login",
        json={"email": account.email, "password": account.password},
    ).json()["access_token"]
    address = f"{courses_url}/writing-task-2-from-plan-to-page"

    own = ask("GET", f"{courses_url}?mine=true&page_size=100", token=token).json()
    changed = ask("PATCH", address, json={"category": "Essays"}, token=token)
    refused = ask(
        "PATCH",
        address,
        json={"category": "Mine"},
        token=register(fleet).access_token,
    )

    assert {course["slug"] for course in own["results"]} >= DEMO_COURSES
    assert changed.status_code == 200
    problem_of(refused, 403)
    assert ask("GET", address).json()["category"] == "Essays"


def test_a_premium_course_is_not_taken_without_a_grant(fleet, courses_url):
    address = f"{courses_url}/writing-task-2-from-plan-to-page/enroll"

    response = ask("POST", address, token=register(fleet).access_token)

    assert problem_of(response, 402)["code"] == "entitlement_required"


def test_reviews_make_the_mean_of_a_course(fleet, courses_url):
    course = write_course(fleet, lessons=1, title="Reviewed")
    address = f"{courses_url}/{course.id}"

    for rating in (5, 2):
        learner = register(fleet).access_token
        enroll(fleet, course, learner)
        review = {"rating": rating, "text": "Clear."}
        response = ask("POST", f"{address}/reviews", json=review, token=learner)
        assert response.status_code == 201, response.text
    stranger = register(fleet).access_token
    refused = ask("POST", f"{address}/reviews", json={"rating": 1}, token=stranger)

    assert problem_of(refused, 403)["code"] == "not_enrolled"
    shown = ask("GET", address).json()
    assert (shown["rating"], shown["rating_count"]) == (3.5, 2)
    assert shown["enrollments_count"] == 2
