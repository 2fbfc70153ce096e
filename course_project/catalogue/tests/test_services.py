"""The rules of authoring, and what publishing says to the peers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from course_project.catalogue.errors import (
    CourseNeverPublishedError,
    CourseWasPublishedError,
    LessonIncompleteError,
    NoPublishedLessonError,
    SlugTakenError,
)
from course_project.catalogue.models import Course, Lesson
from course_project.catalogue.services import (
    add_lesson,
    archive_course,
    delete_course,
    delete_lesson,
    delete_module,
    publish_course,
    update_lesson,
)
from course_project.learners.models import Learner
from shared.contracts.events import CoursePublished
from shared.wire.events import EVENTS

pytestmark = pytest.mark.django_db
DAWN = datetime(2026, 3, 10, 6, tzinfo=UTC)


@pytest.fixture
def listening_peer(monkeypatch):
    """Let notification subscribe to published courses."""
    type_ = "course.published.v1"
    listened = replace(EVENTS[type_], subscribers=frozenset({"notification"}))
    monkeypatch.setitem(EVENTS, type_, listened)


@pytest.mark.usefixtures("listening_peer")
def test_publishing_tells_the_subscribers_once(make_course, assert_published):
    course = make_course(is_published=False)

    publish_course(course_id=course.pk, clock=lambda: DAWN)
    publish_course(course_id=course.pk)

    assert_published(
        CoursePublished,
        course_id=course.pk,
        instructor_id=course.instructor_id,
        title="Skimming",
        published_at=DAWN,
    )


@pytest.mark.usefixtures("listening_peer")
def test_a_course_without_a_published_lesson_is_not_published(make_course, outbox):
    course = make_course(lessons=1, is_published=False)
    lesson = course.published_lessons().get()
    update_lesson(lesson_id=lesson.pk, changes={"is_published": False})

    with pytest.raises(NoPublishedLessonError):
        publish_course(course_id=course.pk)

    course.refresh_from_db()
    assert course.state == Course.State.DRAFT
    assert outbox() == []


@pytest.mark.parametrize("way", ["unpublish", "delete lesson", "delete module"])
def test_a_published_course_keeps_its_last_lesson(make_course, way):
    course = make_course(lessons=1)
    lesson = course.published_lessons().get()
    ways = {
        "unpublish": lambda: update_lesson(
            lesson_id=lesson.pk, changes={"is_published": False}
        ),
        "delete lesson": lambda: delete_lesson(lesson_id=lesson.pk),
        "delete module": lambda: delete_module(module_id=lesson.module_id),
    }

    with pytest.raises(NoPublishedLessonError):
        ways[way]()

    assert course.published_lessons().get() == lesson


def test_a_lesson_that_is_not_the_last_may_go(make_course):
    course = make_course(lessons=2)

    delete_lesson(lesson_id=course.published_lessons().first().pk)

    assert [row.title for row in course.published_lessons()] == ["Lesson 2"]


def test_a_published_lesson_has_something_to_learn(make_course):
    module = make_course().modules.get()

    with pytest.raises(LessonIncompleteError):
        add_lesson(module_id=module.pk, values={"title": "Empty", "is_published": True})

    assert not Lesson.objects.filter(title="Empty").exists()


def test_a_course_comes_back_from_the_archive_with_its_first_date(make_course):
    course = make_course(is_published=False)
    publish_course(course_id=course.pk, clock=lambda: DAWN)

    archived = archive_course(course_id=course.pk)
    again = publish_course(course_id=course.pk)

    assert archived.state == Course.State.ARCHIVED
    assert again.state == Course.State.PUBLISHED
    assert again.published_at == DAWN


def test_a_draft_is_deleted_but_not_archived(make_course):
    course = make_course(is_published=False)

    with pytest.raises(CourseNeverPublishedError):
        archive_course(course_id=course.pk)
    delete_course(course_id=course.pk)

    assert not Course.objects.exists()


def test_a_course_that_was_published_is_not_deleted(make_course):
    course = archive_course(course_id=make_course().pk)

    with pytest.raises(CourseWasPublishedError):
        delete_course(course_id=course.pk)

    assert Course.objects.get() == course


def test_two_courses_of_one_title_have_two_slugs(make_course):
    slugs = {make_course(title="Bài đọc").slug for _ in range(2)}

    assert len(slugs) == 2
    assert "bai-oc" in slugs


def test_a_slug_belongs_to_one_course(make_course):
    make_course(slug="skim")

    with pytest.raises(SlugTakenError):
        make_course(slug="skim")

    assert Course.objects.count() == 1


def test_a_new_name_of_the_instructor_is_shown_at_once(make_course, author):
    make_course()
    Learner.objects.create(user_id=author.id, display_name="Ian the Great")

    course = Course.objects.as_listed().get()

    assert course.instructor_display_name == "Ian the Great"
