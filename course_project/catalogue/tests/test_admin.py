"""Authoring in the admin: an instructor makes a course there, and sees no other's."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from course_project.catalogue.models import Course, Lesson, Module
from course_project.catalogue.services import add_lesson
from shared.staff.models import StaffUser

pytestmark = pytest.mark.django_db


def browser_of(person):
    browser = Client()
    user = StaffUser.objects.create(
        id=person.id,
        email=f"{person.id}@example.org",
        full_name=person.name,
        role=person.role,
        is_staff=True,
        verified_at=timezone.now(),
    )
    browser.force_login(user)
    return browser


@pytest.fixture
def author_browser(author):
    return browser_of(author)


def page_of(row, page="change"):
    model = row._meta.model_name
    return reverse(f"admin:catalogue_{model}_{page}", args=[row.pk])


def inline(prefix, rows, initial=0):
    form = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def course_form(**about):
    return {
        "title": "Skimming",
        "skill": "reading",
        "level": "intermediate",
        "enrollment_type": "free",
        **about,
    }


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_an_instructor_makes_a_course_with_modules(author_browser, author):
    modules = inline(
        "modules",
        [{"title": "One", "position": 0}, {"title": "Two", "position": 0}],
    )

    response = author_browser.post(
        reverse("admin:catalogue_course_add"),
        course_form(slug="skimming", **modules),
        follow=True,
    )

    assert response.status_code == 200
    course = Course.objects.get()
    assert (course.instructor_id, course.instructor_name) == (author.id, author.name)
    assert [module.title for module in course.modules.all()] == ["One", "Two"]
    assert course.state == Course.State.DRAFT


def test_modules_are_dragged_into_another_order(author_browser, make_course):
    course = make_course(is_published=False)
    first = course.modules.get()
    second = Module.objects.create(course=course, title="Two", position=1)
    rows = [
        {"id": first.pk, "course": course.pk, "title": first.title, "position": 1},
        {"id": second.pk, "course": course.pk, "title": "2", "position": 0},
    ]

    author_browser.post(
        page_of(course), course_form(**inline("modules", rows, initial=2))
    )

    assert [module.title for module in course.modules.all()] == ["2", "First steps"]


def test_a_lesson_is_added_to_a_module_and_then_written(author_browser, make_course):
    module = make_course(lessons=0, is_published=False).modules.get()
    row = {"title": "New", "kind": "article", "minutes": 7, "position": 0}

    author_browser.post(
        page_of(module), {"title": "Renamed", **inline("lessons", [row])}
    )
    lesson = Lesson.objects.get()
    author_browser.post(
        page_of(lesson),
        {
            "title": "New",
            "kind": "article",
            "minutes": 7,
            "body": "# Text",
            "is_published": "on",
        },
    )

    lesson.refresh_from_db()
    module.refresh_from_db()
    assert (module.title, lesson.body) == ("Renamed", "# Text")
    assert lesson.is_published


def test_pages_lead_from_a_course_to_the_text_of_a_lesson(author_browser, make_course):
    course = make_course(lessons=1)
    module, lesson = course.modules.get(), course.published_lessons().get()

    course_page = author_browser.get(page_of(course)).content.decode()
    module_page = author_browser.get(page_of(module)).content.decode()

    assert f'href="{page_of(module)}">Write lessons' in course_page
    assert f'href="{page_of(lesson)}">Write text' in module_page


def test_a_saved_part_leads_back_to_what_holds_it(author_browser, make_course):
    course = make_course(lessons=1)
    module, lesson = course.modules.get(), course.published_lessons().get()
    text = {"title": "One", "kind": "article", "minutes": 7, "body": "Text"}

    from_lesson = author_browser.post(page_of(lesson), {**text, "is_published": "on"})
    from_module = author_browser.post(
        page_of(module), {"title": "One", **inline("lessons", [])}
    )

    assert from_lesson.headers["Location"] == page_of(module)
    assert from_module.headers["Location"] == page_of(course)


def test_a_course_is_published_after_a_question(author_browser, make_course):
    course = make_course(is_published=False)
    address = page_of(course, "publish")

    asked = author_browser.get(address)
    assert "Everybody finds it" in asked.content.decode()
    assert not Course.objects.get().is_published
    done = author_browser.post(address, {"apply": "1"}, follow=True)

    assert told(done) == ["Skimming is published."]
    assert Course.objects.get().is_published


@pytest.mark.parametrize(
    ("about", "why"),
    [
        ({"body": "New text"}, "A published course has at least one published lesson."),
        (
            {"is_published": "on", "body": ""},
            "A published lesson has something to learn: a text, or a video&#x27;s",
        ),
    ],
)
def test_a_form_says_why_it_is_refused_and_keeps_what_was_typed(
    author_browser, make_course, about, why
):
    lesson = make_course(lessons=1).published_lessons().get()
    form = {"title": "Typed", "kind": "article", "minutes": 7, **about}

    page = author_browser.post(page_of(lesson), form).content.decode()

    assert why in page
    assert 'value="Typed"' in page
    lesson.refresh_from_db()
    assert (lesson.title, lesson.is_published) == ("Lesson 1", True)


def test_a_refusal_of_the_whole_is_told_and_changes_nothing(
    author_browser, make_course
):
    module = make_course(lessons=2).modules.get()
    rows = [
        {
            "id": lesson.pk,
            "module": module.pk,
            "title": lesson.title,
            "kind": "article",
            "minutes": 7,
            "position": lesson.position,
        }
        for lesson in module.lessons.all()
    ]
    form = {"title": "Renamed", **inline("lessons", rows, initial=2)}

    response = author_browser.post(page_of(module), form, follow=True)

    assert told(response) == [
        "Not saved: A published course has at least one published lesson."
    ]
    module.refresh_from_db()
    assert module.title == "First steps"
    assert module.course.published_lessons().count() == 2


def test_a_published_course_is_not_deleted(author_browser, make_course):
    course = make_course()

    refused = author_browser.post(page_of(course, "delete"), {"post": "yes"})

    assert refused.status_code == 403
    assert Course.objects.get() == course


def test_a_draft_is_deleted_after_a_question(author_browser, make_course):
    course = make_course(is_published=False)

    asked = author_browser.get(page_of(course, "delete"))
    author_browser.post(page_of(course, "delete"), {"post": "yes"})

    assert asked.status_code == 200
    assert not Course.objects.exists()


def test_the_preview_shows_what_learners_will_see(author_browser, make_course):
    course = make_course(is_published=False, description="**Bold** <b>no</b>")
    module = course.modules.get()
    add_lesson(module_id=module.pk, values={"title": "Soon", "body": "*Later*"})

    page = author_browser.get(page_of(course, "preview")).content.decode()

    assert "<strong>Bold</strong> &lt;b&gt;no&lt;/b&gt;" in page
    assert "<em>Later</em>" in page
    assert page.count("not published: learners do not see it") == 1


def test_an_instructor_sees_own_rows_only(author_browser, make_course, other_author):
    own = make_course(title="Mine")
    foreign = make_course(title="Theirs", instructor=other_author)
    rows = [
        foreign,
        foreign.modules.get(),
        foreign.published_lessons().first(),
    ]

    for row in rows:
        model = row._meta.model_name
        listed = author_browser.get(reverse(f"admin:catalogue_{model}_changelist"))
        assert row not in listed.context["cl"].queryset
        assert len(listed.context["cl"].queryset) > 0
        assert author_browser.get(page_of(row)).status_code == 302
        assert author_browser.post(page_of(row), {"title": "X"}).status_code == 302
        row.refresh_from_db()
        assert row.title != "X"
    for page in ("preview", "publish", "archive"):
        answer = author_browser.post(page_of(foreign, page), {"apply": "1"})
        assert answer.status_code == 404
    assert author_browser.get(page_of(own)).status_code == 200


def test_an_admin_sees_the_courses_of_all(operator, make_course, other_author):
    rows = {make_course(), make_course(instructor=other_author)}

    listed = operator.get(reverse("admin:catalogue_course_changelist"))

    assert set(listed.context["cl"].queryset) == rows


def test_a_student_does_not_come_in(learner):
    browser = browser_of(learner)
    StaffUser.objects.update(is_staff=False)

    answer = browser.get(reverse("admin:catalogue_course_changelist"))

    assert answer.status_code == 302
