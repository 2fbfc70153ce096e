"""Learners take courses, through the public door."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.utils import timezone

from course_project.catalogue.services import archive_course, update_lesson
from course_project.certificates.models import Certificate
from course_project.enrollments.models import Enrollment, LessonProgress
from course_project.enrollments.services import grant_access, revoke_grant
from course_project.learners.models import Learner
from shared.contracts.events import (
    CertificateIssued,
    CourseCompleted,
    EnrollmentCreated,
    LessonCompleted,
)
from shared.contracts.notification import SendNotice
from shared.contracts.user import UpdateProgress
from shared.wire.ids import uuid7

from .enrolling import (
    COURSES,
    ENROLLMENTS,
    LESSONS,
    complete,
    enroll,
    enrollment_of,
    lessons_of,
    make_person,
    sent,
)

pytestmark = pytest.mark.django_db
OPERATOR = uuid7()
YESTERDAY, TOMORROW = timedelta(days=-1), timedelta(days=1)


def grant(person, course, **about):
    return grant_access(
        user_id=person.id, course=course, granted_by=OPERATOR, note="order 7", **about
    )


def refused(response):
    return response.status_code, response.json()["code"]


def test_a_learner_enrolls_in_a_published_course(learner, make_course):
    course = make_course(lessons=3)

    response = learner.client.post(f"{COURSES}/{course.pk}/enroll")

    assert response.status_code == 201
    answer = response.json()
    first = lessons_of(course)[0]
    assert answer["course"]["id"] == str(course.pk)
    assert answer["state"] == "active"
    assert answer["progress_percent"] == 0
    assert (answer["lessons_completed"], answer["lessons_total"]) == (0, 3)
    assert answer["next_lesson"] == {"id": str(first.pk), "title": "Lesson 1"}
    course.refresh_from_db()
    assert course.enrollments_count == 1


def test_an_enrollment_is_published(
    learner, make_course, listened_to, assert_published
):
    course = make_course()

    answer = enroll(learner, course)

    fact = assert_published(EnrollmentCreated, user_id=learner.id)
    assert str(fact.enrollment_id) == answer["id"]
    assert fact.course_title == "Skimming"


def test_enrolling_again_is_the_same_enrollment(learner, make_course, listened_to):
    course = make_course(slug="skimming")
    first = enroll(learner, course)

    again = learner.client.post(f"{COURSES}/skimming/enroll")

    assert again.status_code == 200
    assert again.json()["id"] == first["id"]
    course.refresh_from_db()
    assert course.enrollments_count == 1
    assert len(sent("enrollment.created")) == 1


def test_a_draft_or_archived_course_takes_nobody(learner, make_course):
    draft = make_course(is_published=False)
    archived = archive_course(course_id=make_course(title="Old").pk)

    answers = [
        refused(learner.client.post(f"{COURSES}/{key}/enroll"))
        for key in (draft.pk, archived.pk, uuid7(), "no-such-course")
    ]

    assert answers == [(404, "course_not_found")] * 4
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("enrollment_type", ["premium", "subscription"])
@pytest.mark.parametrize("body", [None, {"entitled": True, "enrollment_type": "free"}])
def test_a_course_that_costs_asks_for_an_entitlement_whatever_the_client_says(
    learner, make_course, enrollment_type, body
):
    course = make_course(enrollment_type=enrollment_type)

    response = learner.client.post(f"{COURSES}/{course.pk}/enroll", body)

    assert refused(response) == (402, "entitlement_required")
    assert not Enrollment.objects.exists()


def test_a_grant_opens_a_premium_course(learner, make_course):
    course = make_course(enrollment_type="premium")
    made = grant(learner, course)

    enroll(learner, course)

    assert enrollment_of(learner, course).grant == made


@pytest.mark.parametrize("kind", ["other course", "other person", "ended", "revoked"])
def test_a_grant_that_does_not_fit_opens_nothing(
    client_for, learner, make_course, kind
):
    course = make_course(enrollment_type="premium")
    if kind == "other course":
        grant(learner, make_course(title="Another", enrollment_type="premium"))
    elif kind == "other person":
        grant(make_person(client_for), course)
    elif kind == "ended":
        grant(learner, course, ends_at=timezone.now() + YESTERDAY)
    else:
        revoke_grant(grant_id=grant(learner, course).pk)

    response = learner.client.post(f"{COURSES}/{course.pk}/enroll")

    assert refused(response) == (402, "entitlement_required")


@pytest.mark.parametrize(
    ("enrollment_type", "status"), [("subscription", 201), ("premium", 402)]
)
def test_a_subscription_opens_the_courses_of_its_type(
    learner, make_course, enrollment_type, status
):
    grant(learner, None, ends_at=timezone.now() + TOMORROW)
    course = make_course(enrollment_type=enrollment_type)

    response = learner.client.post(f"{COURSES}/{course.pk}/enroll")

    assert response.status_code == status


def test_a_lesson_is_open_to_the_enrolled(learner, make_course):
    course = make_course()
    enroll(learner, course)
    lesson = lessons_of(course)[1]

    answer = learner.client.get(f"{LESSONS}/{lesson.pk}").json()

    assert answer["title"] == "Lesson 2"
    assert answer["course_id"] == str(course.pk)
    assert answer["body"] == "Text of lesson 2."
    assert answer["body_html"].strip() == "<p>Text of lesson 2.</p>"
    assert (answer["position_seconds"], answer["completed_at"]) == (0, None)


def test_the_schema_allows_a_lesson_without_a_video(client_for):
    json_please = "application/vnd.oai.openapi+json"

    response = client_for().get("/api/schema", HTTP_ACCEPT=json_please)

    lesson = json.loads(response.content)["components"]["schemas"]["OpenLesson"]
    assert lesson["properties"]["video_url"]["type"] == "string"
    assert "format" not in lesson["properties"]["video_url"]


@pytest.mark.parametrize(
    ("enrollment_type", "refusal"),
    [
        ("free", (403, "not_enrolled")),
        ("premium", (402, "entitlement_required")),
        ("subscription", (402, "entitlement_required")),
    ],
)
def test_others_see_the_preview_only(learner, make_course, enrollment_type, refusal):
    preview, closed = lessons_of(make_course(enrollment_type=enrollment_type))

    shown = learner.client.get(f"{LESSONS}/{preview.pk}")
    hidden = learner.client.get(f"{LESSONS}/{closed.pk}")

    assert shown.status_code == 200
    assert shown.json()["body"] == "Text of lesson 1."
    assert refused(hidden) == refusal
    assert "Text of lesson 2" not in hidden.content.decode()


def test_a_grant_without_an_enrollment_opens_no_lesson(learner, make_course):
    course = make_course(enrollment_type="premium")
    grant(learner, course)

    response = learner.client.get(f"{LESSONS}/{lessons_of(course)[1].pk}")

    assert refused(response) == (403, "not_enrolled")


def test_an_unpublished_lesson_is_not_found(learner, make_course):
    course = make_course()
    enroll(learner, course)
    lesson = lessons_of(course)[1]
    update_lesson(lesson_id=lesson.pk, changes={"is_published": False})

    answers = [
        refused(learner.client.get(f"{LESSONS}/{lesson.pk}")),
        refused(learner.client.post(f"{LESSONS}/{lesson.pk}/complete")),
        refused(
            learner.client.put(
                f"{LESSONS}/{lesson.pk}/progress", {"position_seconds": 1}
            )
        ),
    ]

    assert answers == [(404, "lesson_not_found")] * 3
    assert not LessonProgress.objects.exists()


def test_a_preview_of_a_draft_is_not_found(learner, make_course):
    course = make_course(is_published=False)

    response = learner.client.get(f"{LESSONS}/{lessons_of(course)[0].pk}")

    assert refused(response) == (404, "lesson_not_found")


def test_authors_read_their_own_lessons_and_nobody_elses(
    author, other_author, platform_admin, make_course
):
    course = make_course(is_published=False)
    address = f"{LESSONS}/{lessons_of(course)[1].pk}"

    statuses = [
        person.client.get(address).status_code
        for person in (author, platform_admin, other_author)
    ]

    assert statuses == [200, 200, 404]


def test_a_student_changes_no_lesson(learner, make_course):
    course = make_course()
    enroll(learner, course)
    address = f"{LESSONS}/{lessons_of(course)[0].pk}"

    changed = learner.client.patch(address, {"title": "Mine"})
    deleted = learner.client.delete(address)

    assert (changed.status_code, deleted.status_code) == (403, 403)
    assert lessons_of(course)[0].title == "Lesson 1"


def test_who_takes_an_archived_course_goes_on(client_for, learner, make_course):
    course = make_course()
    enroll(learner, course)
    archive_course(course_id=course.pk)
    lesson = lessons_of(course)[0]

    assert learner.client.get(f"{LESSONS}/{lesson.pk}").status_code == 200
    assert complete(learner, lesson).status_code == 200
    stranger = make_person(client_for)
    response = stranger.client.get(f"{LESSONS}/{lesson.pk}")
    assert refused(response) == (404, "lesson_not_found")


@pytest.mark.parametrize(
    ("positions", "kept"), [([30, 90], 90), ([90, 30], 90), ([90, 90], 90), ([0], 0)]
)
def test_a_position_only_grows(learner, make_course, positions, kept):
    course = make_course()
    enroll(learner, course)
    address = f"{LESSONS}/{lessons_of(course)[0].pk}"

    for seconds in positions:
        response = learner.client.put(
            f"{address}/progress", {"position_seconds": seconds}
        )

    assert response.status_code == 200
    assert response.json()["position_seconds"] == kept
    assert learner.client.get(address).json()["position_seconds"] == kept


@pytest.mark.parametrize("value", [-1, 86_401, "30", 1.5, True, None])
def test_a_position_that_means_nothing_is_refused(learner, make_course, value):
    course = make_course()
    enroll(learner, course)
    address = f"{LESSONS}/{lessons_of(course)[0].pk}/progress"

    response = learner.client.put(address, {"position_seconds": value})

    assert refused(response) == (400, "validation_error")
    assert not LessonProgress.objects.exists()


@pytest.mark.parametrize("action", ["progress", "complete"])
def test_only_learners_of_the_course_make_progress(learner, make_course, action):
    preview = lessons_of(make_course())[0]
    address = f"{LESSONS}/{preview.pk}/{action}"

    if action == "progress":
        response = learner.client.put(address, {"position_seconds": 5})
    else:
        response = learner.client.post(address)

    assert refused(response) == (403, "not_enrolled")
    assert not LessonProgress.objects.exists()


def test_half_of_the_lessons_is_fifty_percent(learner, make_course):
    course = make_course(lessons=6)
    enrollment_id = enroll(learner, course)["id"]
    for lesson in lessons_of(course)[:3]:
        complete(learner, lesson)

    answer = learner.client.get(f"{ENROLLMENTS}/{enrollment_id}").json()

    assert answer["progress_percent"] == 50
    assert (answer["lessons_completed"], answer["lessons_total"]) == (3, 6)
    assert answer["next_lesson"]["title"] == "Lesson 4"
    assert answer["state"] == "active"


def test_the_next_lesson_is_the_first_that_is_left(learner, make_course):
    course = make_course(lessons=3)
    enroll(learner, course)
    complete(learner, lessons_of(course)[2])
    complete(learner, lessons_of(course)[0])

    [item] = learner.client.get(ENROLLMENTS).json()["results"]

    assert item["next_lesson"]["title"] == "Lesson 2"
    assert item["progress_percent"] == 66


def test_percent_is_of_published_lessons(learner, make_course):
    course = make_course(lessons=4)
    enroll(learner, course)
    first, *_, last = lessons_of(course)
    complete(learner, first)
    complete(learner, last)
    update_lesson(lesson_id=last.pk, changes={"is_published": False})

    [item] = learner.client.get(ENROLLMENTS).json()["results"]

    assert (item["lessons_completed"], item["lessons_total"]) == (1, 3)
    assert item["progress_percent"] == 33


def test_a_completed_lesson_counts_once(
    learner, make_course, listened_to, assert_published
):
    course = make_course()
    enroll(learner, course)
    lesson = lessons_of(course)[0]

    answers = [complete(learner, lesson).json() for _ in range(3)]

    assert answers[0]["completed_at"] is not None
    assert answers[0] == answers[1] == answers[2]
    [message] = sent("progress/update")
    update = msgspec.json.decode(message.payload, type=UpdateProgress)
    assert update.user_id == learner.id
    assert (update.lessons_completed, update.study_minutes) == (1, 10)
    assert (update.resource_id, update.resource_title) == (lesson.pk, "Lesson 1")
    assert update.skill == "reading"
    assert update.occurred_at == LessonProgress.objects.get().completed_at
    assert assert_published(LessonCompleted).lesson_id == lesson.pk
    [notice] = sent("notification/internal/send")
    order = msgspec.json.decode(notice.payload, type=SendNotice)
    assert order.template == "lesson_completed"
    assert order.params == {"lesson": "Lesson 1", "course": "Skimming", "percent": "50"}


def test_a_general_course_has_no_skill_to_report(learner, make_course):
    course = make_course(skill="general")
    enroll(learner, course)

    complete(learner, lessons_of(course)[0])

    [message] = sent("progress/update")
    assert msgspec.json.decode(message.payload, type=UpdateProgress).skill is None


def test_the_last_lesson_completes_the_course_once(
    learner, make_course, listened_to, assert_published
):
    course = make_course(lessons=3)
    enrollment_id = enroll(learner, course)["id"]
    for lesson in [*lessons_of(course), *lessons_of(course)]:
        complete(learner, lesson)

    answer = learner.client.get(f"{ENROLLMENTS}/{enrollment_id}").json()

    assert (answer["state"], answer["progress_percent"]) == ("completed", 100)
    assert answer["completed_at"] is not None
    assert answer["next_lesson"] is None
    certificate = Certificate.objects.get()
    assert certificate.user_id == learner.id
    assert certificate.course_title == "Skimming"
    assert assert_published(CourseCompleted).course_id == course.pk
    assert assert_published(CertificateIssued).code == certificate.code
    orders = [
        msgspec.json.decode(message.payload, type=SendNotice)
        for message in sent("notification/internal/send")
    ]
    templates = sorted(order.template for order in orders)
    assert templates == ["certificate_issued", *["lesson_completed"] * 3]
    assert len(sent("progress/update")) == 3


@pytest.mark.parametrize(
    ("known_as", "name"), [("Lan P.", "Lan P."), ("  ", "Lan Pham"), (None, "Lan Pham")]
)
def test_a_certificate_has_the_name_of_that_day(learner, make_course, known_as, name):
    course = make_course(lessons=1)
    enroll(learner, course)
    if known_as is not None:
        Learner.objects.create(user_id=learner.id, display_name=known_as)

    complete(learner, lessons_of(course)[0])
    Learner.objects.update_or_create(
        user_id=learner.id, defaults={"display_name": "Somebody Else"}
    )

    [item] = learner.client.get("/api/v1/certificates").json()["results"]
    assert item["name"] == name


def test_a_lesson_that_comes_later_takes_no_certificate_away(learner, make_course):
    course = make_course(lessons=2)
    last = lessons_of(course)[1]
    update_lesson(lesson_id=last.pk, changes={"is_published": False})
    enroll(learner, course)
    complete(learner, lessons_of(course)[0])
    update_lesson(lesson_id=last.pk, changes={"is_published": True})

    [half] = learner.client.get(ENROLLMENTS).json()["results"]
    complete(learner, last)

    assert (half["state"], half["progress_percent"]) == ("completed", 50)
    assert Certificate.objects.count() == 1
    assert len(sent("progress/update")) == 2


def test_a_course_whose_last_lesson_was_taken_back_is_completed_when_asked_again(
    learner, make_course
):
    course = make_course(lessons=2)
    enroll(learner, course)
    first, last = lessons_of(course)
    complete(learner, first)
    update_lesson(lesson_id=last.pk, changes={"is_published": False})

    complete(learner, first)

    assert enrollment_of(learner, course).state == "completed"
    assert len(sent("progress/update")) == 1


def test_what_a_grant_opened_closes_with_it(learner, make_course):
    course = make_course(enrollment_type="premium")
    made = grant(learner, course)
    enroll(learner, course)
    address = f"{LESSONS}/{lessons_of(course)[1].pk}"
    assert learner.client.get(address).status_code == 200

    revoke_grant(grant_id=made.pk)

    assert refused(learner.client.get(address)) == (402, "entitlement_required")
    response = learner.client.post(f"{address}/complete")
    assert refused(response) == (402, "entitlement_required")
    assert enrollment_of(learner, course).state == "expired"


def test_a_new_grant_opens_the_old_enrollment(learner, make_course):
    course = make_course(enrollment_type="premium")
    first = grant(learner, course)
    enrollment_id = enroll(learner, course)["id"]
    complete(learner, lessons_of(course)[0])
    revoke_grant(grant_id=first.pk)
    grant(learner, course)

    response = learner.client.post(f"{COURSES}/{course.pk}/enroll")

    assert response.status_code == 200
    answer = response.json()
    assert (answer["id"], answer["state"]) == (enrollment_id, "active")
    assert answer["progress_percent"] == 50


def test_a_learner_leaves_a_course_and_comes_back(learner, make_course):
    course = make_course()
    enrollment_id = enroll(learner, course)["id"]
    complete(learner, lessons_of(course)[0])
    closed = f"{LESSONS}/{lessons_of(course)[1].pk}"

    left = learner.client.delete(f"{ENROLLMENTS}/{enrollment_id}")

    assert left.status_code == 204
    assert enrollment_of(learner, course).state == "dropped"
    assert refused(learner.client.get(closed)) == (403, "not_enrolled")
    back = enroll(learner, course)
    assert (back["state"], back["progress_percent"]) == ("active", 50)


def test_a_completed_course_is_not_left(learner, make_course):
    course = make_course(lessons=1)
    enrollment_id = enroll(learner, course)["id"]
    complete(learner, lessons_of(course)[0])

    response = learner.client.delete(f"{ENROLLMENTS}/{enrollment_id}")

    assert refused(response) == (409, "enrollment_completed")
    assert enrollment_of(learner, course).state == "completed"


@pytest.mark.parametrize("method", ["get", "delete"])
def test_an_enrollment_of_somebody_else_is_not_found(
    client_for, learner, author, make_course, method
):
    course = make_course()
    enrollment_id = enroll(learner, course)["id"]

    for person in (make_person(client_for), author):
        response = getattr(person.client, method)(f"{ENROLLMENTS}/{enrollment_id}")
        assert refused(response) == (404, "enrollment_not_found")

    assert enrollment_of(learner, course).state == "active"


def test_the_list_holds_own_enrollments_and_can_be_narrowed(
    client_for, learner, make_course
):
    first, second = make_course(), make_course(title="Scanning", lessons=1)
    enroll(learner, first)
    enroll(learner, second)
    enroll(make_person(client_for), first)
    complete(learner, lessons_of(second)[0])

    def titles(query):
        results = learner.client.get(f"{ENROLLMENTS}{query}").json()["results"]
        return [item["course"]["title"] for item in results]

    assert titles("") == ["Scanning", "Skimming"]
    assert titles("?state=active") == ["Skimming"]
    assert titles(f"?course={second.pk}") == ["Scanning"]
    assert titles("?ordering=enrolled_at") == ["Skimming", "Scanning"]


@pytest.mark.parametrize("query", ["state=lost", "course=7", "user=1", "ordering=id"])
def test_a_parameter_that_means_nothing_is_refused(learner, query):
    assert learner.client.get(f"{ENROLLMENTS}?{query}").status_code == 400


def test_the_list_takes_two_queries(learner, make_course, django_assert_num_queries):
    for number in range(4):
        enroll(learner, make_course(title=f"Course {number}"))
    learner.client.get(ENROLLMENTS)

    with django_assert_num_queries(2):  # count, page
        learner.client.get(ENROLLMENTS)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", ENROLLMENTS),
        ("get", f"{ENROLLMENTS}/{uuid7()}"),
        ("post", f"{COURSES}/{uuid7()}/enroll"),
        ("get", f"{COURSES}/{uuid7()}/learners"),
        ("get", f"{LESSONS}/{uuid7()}"),
        ("put", f"{LESSONS}/{uuid7()}/progress"),
        ("post", f"{LESSONS}/{uuid7()}/complete"),
    ],
)
def test_nobody_studies_without_signing_in(client_for, method, address):
    response = getattr(client_for(), method)(address)

    assert response.status_code == 401


def test_an_author_sees_how_far_the_learners_are(
    client_for, author, learner, make_course
):
    course = make_course(lessons=2)
    ana = make_person(client_for)
    Learner.objects.create(user_id=ana.id, display_name="Ana")
    enroll(learner, course)
    enroll(ana, course)
    enroll(ana, make_course(title="Another"))
    complete(ana, lessons_of(course)[0])

    answer = author.client.get(f"{COURSES}/{course.pk}/learners").json()

    assert answer["count"] == 2
    shown = [
        (item["user_id"], item["display_name"], item["progress_percent"])
        for item in answer["results"]
    ]
    assert shown == [(str(ana.id), "Ana", 50), (str(learner.id), "", 0)]


def test_learners_of_a_course_are_for_its_author(
    author, other_author, platform_admin, learner, make_course
):
    address = f"{COURSES}/{make_course().pk}/learners"

    statuses = [
        person.client.get(address).status_code
        for person in (author, platform_admin, other_author, learner)
    ]

    assert statuses == [200, 200, 404, 403]


def test_the_learners_of_a_course_take_three_queries(
    client_for, author, make_course, django_assert_num_queries
):
    course = make_course()
    for _ in range(4):
        enroll(make_person(client_for), course)
    address = f"{COURSES}/{course.pk}/learners"
    author.client.get(address)

    with django_assert_num_queries(3):  # course, count, page
        author.client.get(address)


def test_a_completion_in_the_past_stays_where_it_is(learner, make_course):
    course = make_course()
    enroll(learner, course)
    lesson = lessons_of(course)[0]
    complete(learner, lesson)
    long_ago = datetime(2026, 1, 2, tzinfo=UTC)
    LessonProgress.objects.update(completed_at=long_ago)

    answer = complete(learner, lesson).json()

    assert answer["completed_at"] == "2026-01-02T00:00:00Z"
