"""The catalogue at its public door: lists, details, and the work of authors."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from course_project.catalogue.models import Course, Lesson, Module
from course_project.enrollments.services import enroll
from course_project.reviews.services import write_review
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
COURSES = "/api/v1/courses"
NEW_COURSE = {"title": "Skimming", "skill": "reading", "level": "intermediate"}


def titles(response):
    assert response.status_code == 200, response.json()
    return [course["title"] for course in response.json()["results"]]


def test_anybody_lists_published_courses_newest_first(client_for, make_course):
    make_course(title="Old")
    make_course(title="New")
    make_course(title="Draft", is_published=False)

    response = client_for().get(COURSES)

    assert titles(response) == ["New", "Old"]
    assert response.json()["count"] == 2
    course = response.json()["results"][0]
    assert course["instructor_name"] == "Ian Wright"
    assert (course["lessons_count"], course["minutes"]) == (2, 20)
    assert (course["rating"], course["rating_count"]) == (None, 0)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"skill": "writing"}, ["Essays"]),
        ({"level": "advanced"}, ["Essays"]),
        ({"enrollment_type": "premium"}, ["Essays"]),
        ({"category": "exam SKILLS"}, ["Essays"]),
        ({"search": "SSAY"}, ["Essays"]),
        ({"search": "plan your page"}, ["Essays"]),
        ({"search": "Ian"}, ["Essays", "Letters"]),
        ({"search": "%"}, []),
        ({"skill": "writing", "level": "beginner"}, []),
    ],
)
def test_filters_narrow_the_list(client_for, make_course, query, found):
    make_course(title="Letters")
    make_course(
        title="Essays",
        summary="Plan your page.",
        category="Exam skills",
        skill="writing",
        level="advanced",
        enrollment_type="premium",
    )

    assert titles(client_for().get(COURSES, query)) == found


@pytest.mark.parametrize(
    "query",
    [
        {"skill": "cooking"},
        {"search": "x" * 101},
        {"ordering": "instructor_id"},
        {"ordering": "enrollments_count"},
        {"colour": "red"},
        {"mine": "perhaps"},
        {"search": "\0"},
        {"page_size": "0"},
    ],
)
def test_an_unknown_filter_or_ordering_is_refused(client_for, query):
    assert client_for().get(COURSES, query).status_code == 400


def test_the_list_is_ordered_by_what_is_asked(client_for, make_course, learner):
    good, plain = make_course(title="B"), make_course(title="A")
    enroll(user_id=learner.id, course_key=good.slug)
    write_review(user_id=learner.id, course_id=good.pk, rating=4)

    def order(name):
        return titles(client_for().get(COURSES, {"ordering": name}))

    assert order("title") == [plain.title, good.title]
    assert order("-rating") == [good.title, plain.title]
    assert order("-enrollments") == [good.title, plain.title]
    assert order("published_at") == [good.title, plain.title]


def test_a_list_takes_the_same_queries_however_long_it_is(client_for, make_course):
    make_course()
    with CaptureQueriesContext(connection) as few:
        client_for().get(COURSES)
    make_course()
    make_course()

    with CaptureQueriesContext(connection) as many:
        client_for().get(COURSES)

    assert len(many) == len(few) == 2


def test_a_course_is_found_by_id_and_by_slug(client_for, make_course):
    course = make_course(slug="skim-it")

    by_id = client_for().get(f"{COURSES}/{course.pk}")
    by_slug = client_for().get(f"{COURSES}/skim-it")

    assert by_id.status_code == 200
    assert by_id.json() == by_slug.json()


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("nothing", 404),
        ("01900000-0000-7000-8000-000000000009", 404),
        ("%F0%9F%98%80", 404),
        ("x" * 200, 404),
        ("%00", 400),
    ],
)
def test_a_course_that_is_not_there_is_not_found(client_for, make_course, key, status):
    make_course()

    assert client_for().get(f"{COURSES}/{key}").status_code == status


def test_a_visitor_reads_the_text_of_previews_only(client_for, make_course):
    course = make_course()

    body = client_for().get(f"{COURSES}/{course.pk}").json()

    preview, closed = body["modules"][0]["lessons"]
    assert (preview["is_open"], preview["body"]) == (True, "Text of lesson 1.")
    assert (closed["is_open"], closed["body"]) == (False, None)
    assert closed["video_url"] is None
    assert "Text of lesson 2" not in str(body)


def test_a_learner_reads_every_published_lesson(learner, make_course):
    course = make_course()
    Lesson.objects.create(module=course.modules.get(), title="Hidden", body="Soon.")
    enroll(user_id=learner.id, course_key=course.slug)

    body = learner.client.get(f"{COURSES}/{course.pk}").json()

    texts = [lesson["body"] for lesson in body["modules"][0]["lessons"]]
    assert texts == ["Text of lesson 1.", "Text of lesson 2."]


def test_a_detail_takes_the_same_queries_however_long_it_is(client_for, make_course):
    short, long = make_course(lessons=1), make_course(lessons=9)
    with CaptureQueriesContext(connection) as few:
        client_for().get(f"{COURSES}/{short.pk}")

    with CaptureQueriesContext(connection) as many:
        client_for().get(f"{COURSES}/{long.pk}")

    assert len(many) == len(few) == 4


def test_html_in_a_description_is_shown_as_text(client_for, make_course):
    course = make_course(description="**Bold** <script>alert(1)</script>")

    html = client_for().get(f"{COURSES}/{course.pk}").json()["description_html"]

    assert "<strong>Bold</strong>" in html
    assert "<script" not in html


def test_who_takes_an_archived_course_still_finds_it(
    client_for, learner, author, make_course
):
    course = make_course()
    enroll(user_id=learner.id, course_key=course.slug)
    author.client.post(f"{COURSES}/{course.pk}/archive")
    address = f"{COURSES}/{course.pk}"

    assert learner.client.get(address).status_code == 200
    assert client_for(uuid7()).get(address).status_code == 404
    assert titles(client_for().get(COURSES)) == []


def test_a_draft_is_there_for_its_author_and_for_admins(
    client_for, learner, author, other_author, platform_admin, make_course
):
    address = f"{COURSES}/{make_course(is_published=False).pk}"

    people = [client_for(), learner.client, other_author.client]
    assert [person.get(address).status_code for person in people] == [404] * 3
    assert author.client.get(address).status_code == 200
    assert platform_admin.client.get(address).status_code == 200


def test_an_instructor_lists_their_own_courses_in_every_state(
    client_for, author, other_author, make_course
):
    make_course(title="Draft", is_published=False)
    make_course(title="Open")
    make_course(title="Of another", instructor=other_author)

    assert set(titles(author.client.get(COURSES, {"mine": "true"}))) == {
        "Draft",
        "Open",
    }
    assert titles(client_for().get(COURSES, {"mine": "true"})) == []
    assert titles(author.client.get(COURSES, {"mine": "false"})) == [
        "Of another",
        "Open",
    ]


def test_an_instructor_writes_and_publishes_a_course(author, client_for):
    course = author.client.post(COURSES, NEW_COURSE).json()
    module = author.client.post(
        f"{COURSES}/{course['id']}/modules", {"title": "One"}
    ).json()
    lesson = author.client.post(
        f"/api/v1/modules/{module['id']}/lessons",
        {"title": "First", "kind": "article", "body": "Read.", "is_published": True},
    )
    published = author.client.post(f"{COURSES}/{course['id']}/publish")

    assert course["slug"] == "skimming"
    assert (course["state"], course["instructor_name"]) == ("draft", "Ian Wright")
    assert lesson.status_code == 201
    assert lesson.json()["body_html"] == "<p>Read.</p>\n"
    assert published.json()["state"] == "published"
    assert titles(client_for().get(COURSES)) == ["Skimming"]


@pytest.mark.parametrize("who", ["learner", "other_author", "visitor"])
def test_nobody_but_its_author_changes_a_course(
    who, client_for, learner, other_author, make_course
):
    course = make_course()
    module, lesson = course.modules.get(), course.published_lessons().first()
    person, status = {
        "visitor": (client_for(), 401),
        "learner": (learner.client, 403),
        "other_author": (other_author.client, 404),
    }[who]
    own = f"{COURSES}/{course.pk}"

    answers = [
        person.patch(own, {"title": "Mine"}),
        person.delete(own),
        person.post(f"{own}/publish"),
        person.post(f"{own}/archive"),
        person.post(f"{own}/modules", {"title": "Mine"}),
        person.post(f"{own}/modules/reorder", {"ids": [str(module.pk)]}),
        person.patch(f"/api/v1/modules/{module.pk}", {"title": "Mine"}),
        person.delete(f"/api/v1/modules/{module.pk}"),
        person.post(f"/api/v1/modules/{module.pk}/lessons", {"title": "Mine"}),
        person.post(f"/api/v1/modules/{module.pk}/lessons/reorder", {"ids": []}),
        person.patch(f"/api/v1/lessons/{lesson.pk}", {"title": "Mine"}),
        person.delete(f"/api/v1/lessons/{lesson.pk}"),
    ]

    assert [answer.status_code for answer in answers] == [status] * len(answers)
    course.refresh_from_db()
    assert (course.title, course.state) == ("Skimming", "published")
    assert Lesson.objects.filter(title="Mine").count() == 0


def test_an_admin_changes_the_course_of_anybody(platform_admin, make_course):
    course = make_course()

    answer = platform_admin.client.patch(f"{COURSES}/{course.pk}", {"title": "Scan"})

    assert answer.json()["title"] == "Scan"


def test_a_student_makes_no_course(learner):
    assert learner.client.post(COURSES, NEW_COURSE).status_code == 403
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    "field",
    [
        {"skill": "cooking"},
        {"title": ""},
        {"title": 7},
        {"slug": "not a slug"},
        {"summary": "x" * 301},
        {"title": "line\nbreak"},
    ],
)
def test_a_course_that_makes_no_sense_is_refused(author, field):
    response = author.client.post(COURSES, {**NEW_COURSE, **field})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == next(iter(field))


def test_nobody_sets_counters_or_the_state_by_hand(author, make_course):
    course = make_course(is_published=False)

    author.client.patch(
        f"{COURSES}/{course.pk}",
        {"state": "published", "enrollments_count": 9, "instructor_id": str(uuid7())},
    )

    course.refresh_from_db()
    assert (course.state, course.enrollments_count) == ("draft", 0)
    assert course.instructor_id == author.id


def test_modules_and_lessons_are_put_in_another_order(author, make_course):
    course = make_course(lessons=3)
    module = course.modules.get()
    last = Module.objects.create(course=course, title="Last", position=9)
    lessons = [str(lesson.pk) for lesson in module.lessons.all()]

    author.client.post(
        f"{COURSES}/{course.pk}/modules/reorder",
        {"ids": [str(last.pk), str(module.pk)]},
    )
    answer = author.client.post(
        f"/api/v1/modules/{module.pk}/lessons/reorder", {"ids": lessons[::-1]}
    )

    modules = answer.json()["modules"]
    assert [part["title"] for part in modules] == ["Last", "First steps"]
    assert [lesson["id"] for lesson in modules[1]["lessons"]] == lessons[::-1]


@pytest.mark.parametrize("change", ["missing", "twice", "foreign"])
def test_an_order_names_every_lesson_once(author, make_course, change):
    module = make_course(lessons=2).modules.get()
    first, second = (str(lesson.pk) for lesson in module.lessons.all())
    ids = {
        "missing": [first],
        "twice": [first, second, second],
        "foreign": [first, str(uuid7())],
    }[change]

    answer = author.client.post(
        f"/api/v1/modules/{module.pk}/lessons/reorder", {"ids": ids}
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "incomplete_order"


def test_a_video_has_an_address_that_is_secure(author, make_course):
    module = make_course().modules.get()
    address = f"/api/v1/modules/{module.pk}/lessons"
    video = {"title": "Watch", "kind": "video", "is_published": True}

    without = author.client.post(address, video)
    plain = author.client.post(address, {**video, "video_url": "http://example.org/v"})
    secure = author.client.post(
        address, {**video, "video_url": "https://example.org/v"}
    )

    assert without.json()["code"] == "lesson_incomplete"
    assert plain.status_code == 400
    assert secure.status_code == 201
