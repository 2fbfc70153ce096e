"""What the tests of course start from: an author, a course with lessons."""

from types import SimpleNamespace

import pytest

from course_project.catalogue.services import (
    add_lesson,
    add_module,
    create_course,
    publish_course,
)
from shared.wire.ids import uuid7

ABOUT = {"title": "Skimming", "skill": "reading", "level": "intermediate"}


@pytest.fixture
def author(client_for, db):
    """Give an instructor: ``id``, and ``client`` to act with."""
    return _person(client_for, "instructor", "Ian Wright")


@pytest.fixture
def other_author(client_for, db):
    """Give another instructor."""
    return _person(client_for, "instructor", "Olga Other")


@pytest.fixture
def platform_admin(client_for, db):
    """Give an admin of the platform."""
    return _person(client_for, "admin", "Ada Quinn")


@pytest.fixture
def learner(client_for, db):
    """Give a student."""
    return _person(client_for, "student", "Lan Pham")


def _person(client_for, role, name):
    id_ = uuid7()
    client = client_for(id_, role=role, name=name)
    return SimpleNamespace(id=id_, name=name, role=role, client=client)


@pytest.fixture
def make_course(author):
    """Give a function that makes a course of *lessons* published lessons in a module.

    It belongs to ``author``, and is published itself unless *is_published* is false.
    """

    def make(*, lessons=2, is_published=True, slug="", instructor=author, **about):
        course = create_course(
            instructor_id=instructor.id,
            instructor_name=instructor.name,
            slug=slug,
            values={**ABOUT, **about},
        )
        module = add_module(course_id=course.pk, values={"title": "First steps"})
        for number in range(1, lessons + 1):
            lesson = {
                "title": f"Lesson {number}",
                "body": f"Text of lesson {number}.",
                "minutes": 10,
                "is_preview": number == 1,
                "is_published": True,
            }
            add_lesson(module_id=module.pk, values=lesson)
        return publish_course(course_id=course.pk) if is_published else course

    return make
