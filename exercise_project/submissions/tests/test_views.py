"""Submissions at the doors of learners and instructors."""

import msgspec
import pytest

from exercise_project.submissions.models import Submission
from shared.contracts.events import SubmissionMarked
from shared.contracts.notification import send_notice
from shared.outbox.models import OutboxMessage
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
BANDS = {
    "task_response": 6.5,
    "coherence_and_cohesion": 6,
    "lexical_resource": 7,
    "grammatical_range_and_accuracy": 5.5,
}


def hand_in(person, course=None, **values):
    body = {
        "skill": "writing",
        "task": "task_2",
        "title": "Cars in cities",
        "prompt": "Should cars be banned?",
        "text": "Many people think\nthat cars are useful.",
        **({"course_id": str(course.pk)} if course else {}),
        **values,
    }
    body = {name: value for name, value in body.items() if value is not None}
    return person.client.post("/api/v1/submissions", body, format="json")


def mark(person, submission, **values):
    body = {"criteria": BANDS, "feedback": "Plan first.\nThen write.", **values}
    path = f"/api/v1/submissions/{submission['id']}/mark"
    return person.client.post(path, body, format="json")


def codes_of(response):
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def test_a_text_is_handed_in_and_waits(ana, course):
    response = hand_in(ana, course)

    work = response.json()
    assert response.status_code == 201
    assert (work["state"], work["word_count"], work["band"]) == ("submitted", 7, None)
    assert work["course_id"] == str(course.pk)
    assert ana.client.get(f"/api/v1/submissions/{work['id']}").json() == work


def test_a_recording_is_handed_in_by_its_address(ana):
    response = hand_in(
        ana,
        skill="speaking",
        task=None,
        text=None,
        recording_url="https://example.org/talk.mp3",
    )

    assert response.status_code == 201
    assert response.json()["task"] == ""


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"text": None}, {"text"}),
        ({"task": None}, {"task"}),
        ({"recording_url": "https://example.org/a.mp3"}, {"recording_url"}),
        ({"skill": "speaking"}, {"recording_url", "task", "text"}),
        ({"skill": "reading"}, {"skill"}),
        ({"recording_url": "javascript:alert(1)"}, {"recording_url"}),
    ],
)
def test_what_does_not_fit_its_skill_is_refused(ana, values, fields):
    response = hand_in(ana, **values)

    assert response.status_code == 400
    assert set(codes_of(response)) == fields
    assert not Submission.objects.exists()


def test_a_course_that_nobody_knows_is_not_found(ana):
    response = hand_in(ana, course_id=str(uuid7()))

    assert (response.status_code, response.json()["code"]) == (404, "course_not_found")


def test_the_courses_instructor_marks_and_the_learner_is_told(
    ana, teacher, course, listened_to, assert_published
):
    work = hand_in(ana, course).json()

    response = mark(teacher, work)

    marked = response.json()
    assert response.status_code == 200
    # The mean is 6.25, and .25 goes up.
    assert (marked["state"], marked["band"]) == ("marked", 6.5)
    assert marked["criteria"] == BANDS
    seen = ana.client.get(f"/api/v1/submissions/{work['id']}").json()
    assert (seen["band"], seen["feedback"]) == (6.5, "Plan first.\nThen write.")
    assert_published(SubmissionMarked, band=6.5, user_id=ana.id)
    [row] = OutboxMessage.objects.filter(type=send_notice.name)
    notice = msgspec.json.decode(row.payload)
    assert notice["template"] == "submission_marked"
    assert notice["params"] == {"title": "Cars in cities", "band": "6.5"}


def test_a_second_marking_is_refused(ana, teacher, course):
    work = hand_in(ana, course).json()
    mark(teacher, work)

    response = mark(teacher, work, feedback="Changed my mind.")

    assert (response.status_code, response.json()["code"]) == (409, "already_marked")
    assert Submission.objects.get().feedback == "Plan first.\nThen write."
    assert OutboxMessage.objects.filter(type=send_notice.name).count() == 1


@pytest.mark.parametrize(
    ("criteria", "errors"),
    [
        ({**BANDS, "task_response": 6.3}, {"task_response": "not_a_band"}),
        ({**BANDS, "task_response": 9.5}, {"task_response": "not_a_band"}),
        ({**BANDS, "task_response": -1}, {"task_response": "not_a_band"}),
        ({**BANDS, "spelling": 6}, {"spelling": "unknown_criterion"}),
        (
            {k: v for k, v in BANDS.items() if k != "lexical_resource"},
            {"lexical_resource": "required"},
        ),
    ],
)
def test_only_half_bands_of_the_four_criteria_are_taken(
    ana, teacher, course, criteria, errors
):
    work = hand_in(ana, course).json()

    response = mark(teacher, work, criteria=criteria)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_criteria"
    assert codes_of(response) == {f"criteria.{k}": v for k, v in errors.items()}
    assert not Submission.objects.get().is_marked


def test_an_admin_marks_what_is_for_no_course(ana, person):
    work = hand_in(ana).json()

    response = mark(person("admin"), work)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("role", "status"), [("student", 403), ("instructor", 404), (None, 401)]
)
def test_nobody_else_marks(ana, course, person, client_for, role, status):
    work = hand_in(ana, course).json()
    other = person(role) if role else person()
    other.client = other.client if role else client_for()

    response = mark(other, work)

    assert response.status_code == status
    assert not Submission.objects.get().is_marked


def test_nobody_marks_their_own_work(teacher, course):
    work = hand_in(teacher, course).json()

    response = mark(teacher, work)

    assert response.status_code == 404


def test_a_list_holds_own_work_and_what_one_may_mark(ana, teacher, course, person):
    other_teacher, admin, bob = person("instructor"), person("admin"), person()
    hand_in(ana, course)
    hand_in(ana)
    hand_in(bob, course)

    counts = [
        one.client.get("/api/v1/submissions").json()["count"]
        for one in (ana, bob, teacher, other_teacher, admin)
    ]

    assert counts == [2, 1, 2, 0, 3]
    of_course = ana.client.get(f"/api/v1/submissions?course={course.pk}").json()
    assert of_course["count"] == 1


def test_other_peoples_work_is_not_found(ana, person):
    work = hand_in(ana).json()

    response = person().client.get(f"/api/v1/submissions/{work['id']}")

    assert (response.status_code, response.json()["code"]) == (
        404,
        "submission_not_found",
    )
