"""The start page of course's admin: all for admins, their own for instructors."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from course_project.catalogue.models import Course, Lesson
from course_project.enrollments.models import Enrollment
from course_project.enrollments.tests.enrolling import (
    complete,
    enroll,
    lessons_of,
    make_person,
)
from course_project.reviews.services import write_review
from shared.staff.models import StaffUser

pytestmark = pytest.mark.django_db
# Those of every start page; two for courses; five figures.
QUERIES = 11 + 2 + 5
LONG_AGO = timedelta(days=15)


@pytest.fixture
def browser_of(db):
    """Give a function that signs an instructor in."""

    def sign_in(person):
        browser = Client()
        user = StaffUser.objects.create(
            id=person.id,
            email=f"{person.id}@example.org",
            role=person.role,
            is_staff=True,
            verified_at=timezone.now(),
        )
        browser.force_login(user)
        return browser

    return sign_in


def desk_of(browser):
    return browser.get("/admin/").context["desk"]


def cards_of(browser):
    return {card.title: (card.value, card.note) for card in desk_of(browser)["cards"]}


def take(person, course):
    enroll(person, course)
    for lesson in lessons_of(course):
        complete(person, lesson)


def test_what_learners_did_today_is_counted(operator, client_for, make_course):
    ana, bo = make_person(client_for), make_person(client_for, name="Bo Lind")
    course = make_course()
    enroll(bo, course)
    Enrollment.objects.update(enrolled_at=timezone.now() - timedelta(days=1))
    take(ana, course)
    write_review(user_id=ana.id, course_id=course.pk, rating=4, text="Good.")

    desk = desk_of(operator)

    cards = {card.title: (card.value, card.note) for card in desk["cards"]}
    assert cards == {
        "Enrollments": ("1", "yesterday 1"),
        "Completions": ("1", "yesterday 0"),
        "Certificates": ("1", "yesterday 0"),
        "Reviews": ("1", "yesterday 0"),
        "Mean rating": ("4.0", "yesterday —"),
    }
    assert desk["chart"].names == ["Enrollments", "Completions"]
    assert desk["chart"].rows[0][1] == ["1", "1"]


def test_an_instructor_sees_the_figures_of_their_own_courses(
    browser_of, client_for, make_course, author, other_author
):
    ana = make_person(client_for)
    take(ana, make_course())
    enroll(ana, make_course(instructor=other_author))

    own, other = browser_of(author), browser_of(other_author)

    assert cards_of(own)["Enrollments"] == ("1", "yesterday 0")
    assert cards_of(own)["Completions"] == ("1", "yesterday 0")
    assert cards_of(other)["Enrollments"] == ("1", "yesterday 0")
    assert cards_of(other)["Completions"] == ("0", "yesterday 0")


def test_an_instructor_sees_nothing_of_communication(browser_of, author):
    page = browser_of(author).get("/admin/")

    desk = page.context["desk"]
    assert desk["deliveries"] is None
    assert {card.link for card in desk["cards"]} == {""}
    assert "All clear." in page.content.decode()
    assert "Every destination" not in page.content.decode()
    assert [neighbour["name"] for neighbour in desk["neighbours"]] == ["exercise"]


def test_drafts_that_rest_are_told_to_their_author(
    operator, browser_of, author, other_author, make_course
):
    course = make_course(is_published=False)
    Course.objects.update(updated_at=timezone.now() - LONG_AGO)

    touched = desk_of(browser_of(author))["attention"]
    Lesson.objects.update(updated_at=timezone.now() - LONG_AGO)
    [concern] = desk_of(operator)["attention"]

    assert touched == []
    assert concern.text == "1 draft was not touched for 14 days: publish or delete."
    listed = operator.get(concern.link).context["cl"].result_list
    assert list(listed) == [course]
    assert desk_of(browser_of(other_author))["attention"] == []


def test_courses_without_a_lesson_are_told(operator, make_course):
    make_course()
    empty = make_course(lessons=0, is_published=False)

    [concern] = desk_of(operator)["attention"]

    assert concern.text == "1 course has no lesson yet."
    assert list(operator.get(concern.link).context["cl"].result_list) == [empty]


def test_the_page_costs_the_same_for_one_row_and_for_many(
    operator, client_for, make_course, django_assert_num_queries
):
    for number in range(3):
        take(make_person(client_for), make_course(slug=f"course-{number}"))
        make_course(slug=f"empty-{number}", lessons=0, is_published=False)
    operator.get("/admin/")

    with django_assert_num_queries(QUERIES):
        operator.get("/admin/")
