"""Courses, as an instructor writes them and learners take them, at the gateway."""

from dataclasses import dataclass

import requests

from shared.testing.fleet import Fleet

from .asking import ask
from .people import demo_account


@dataclass(frozen=True)
class WrittenCourse:
    """A published course: its id, its lessons' ids in order, the minutes of each."""

    id: str
    title: str
    lesson_ids: tuple[str, ...]
    lesson_minutes: int


def write_course(
    fleet: Fleet,
    *,
    lessons: int = 6,
    title: str = "Reading with purpose",
    description: str = "",
) -> WrittenCourse:
    """Write and publish a course as the demo instructor."""
    token = _instructor_token(fleet)
    course = _must(
        201,
        ask(
            "POST",
            f"{fleet.gateway_url}/api/v1/courses",
            json={
                "title": title,
                "description": description,
                "skill": "reading",
                "level": "intermediate",
            },
            token=token,
        ),
    )
    address = f"{fleet.gateway_url}/api/v1/courses/{course['id']}"
    module = _must(
        201,
        ask("POST", f"{address}/modules", json={"title": "Steps"}, token=token),
    )
    minutes = 7
    ids = [
        _must(
            201,
            ask(
                "POST",
                f"{fleet.gateway_url}/api/v1/modules/{module['id']}/lessons",
                json={
                    "title": f"Step {number}",
                    "body": f"Text of step {number}.",
                    "minutes": minutes,
                    "is_published": True,
                },
                token=token,
            ),
        )["id"]
        for number in range(1, lessons + 1)
    ]
    _must(200, ask("POST", f"{address}/publish", token=token))
    return WrittenCourse(course["id"], title, tuple(ids), minutes)


def enroll(fleet: Fleet, course: WrittenCourse, token: str) -> dict:
    """Enroll in a course; return the enrollment."""
    return _must(
        201,
        ask(
            "POST",
            f"{fleet.gateway_url}/api/v1/courses/{course.id}/enroll",
            token=token,
        ),
    )


def complete(fleet: Fleet, lesson_id: str, token: str) -> requests.Response:
    """Complete a lesson."""
    return ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/lessons/{lesson_id}/complete",
        token=token,
    )


def _instructor_token(fleet: Fleet) -> str:
    account = demo_account(fleet, "instructor")
    response = ask(
        "POST",
        f"{fleet.gateway_url}/api/v1/auth/login",
        json={"email": account.email, "password": account.password},
    )
    return _must(200, response)["access_token"]


def _must(status: int, response: requests.Response) -> dict:
    assert response.status_code == status, response.text
    return response.json()
