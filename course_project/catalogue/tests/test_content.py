"""The courses that come with the platform, loaded as a fresh platform loads them."""

from io import StringIO

import pytest
from django.core.management import call_command

from course_project.catalogue.content import read_courses
from course_project.catalogue.management.commands.load_courses import CONTENT
from course_project.catalogue.markdown import render
from course_project.catalogue.models import Course, Lesson
from course_project.catalogue.services import update_course
from shared.demo import DEMO_INSTRUCTOR

pytestmark = pytest.mark.django_db
COURSES = list(read_courses(CONTENT))
FEWEST_WORDS = 600  # of a lesson of substance


def load(*arguments):
    said = StringIO()
    call_command("load_courses", *arguments, stdout=said)
    return said.getvalue().strip()


def test_a_fresh_platform_has_courses_to_take(client_for):
    assert load() == "3 of 3 courses loaded."

    listed = client_for().get("/api/v1/courses", {"ordering": "title"}).json()
    assert [course["slug"] for course in listed["results"]] == [
        "listening-for-the-answer",
        "reading-with-purpose",
        "writing-task-2-from-plan-to-page",
    ]
    assert [course["lessons_count"] for course in listed["results"]] == [6, 6, 6]
    assert {course["instructor_id"] for course in listed["results"]} == {
        str(DEMO_INSTRUCTOR.id)
    }
    assert [course["enrollment_type"] for course in listed["results"]] == [
        "free",
        "free",
        "premium",
    ]


def test_courses_are_loaded_once_and_left_to_their_editors():
    load()
    course = Course.objects.get(slug="reading-with-purpose")
    update_course(course_id=course.pk, changes={"title": "Edited"})

    assert load() == "0 of 3 courses loaded."

    course.refresh_from_db()
    assert course.title == "Edited"
    assert Lesson.objects.count() == 18


def test_a_file_that_is_missing_leaves_nothing_behind(tmp_path):
    (tmp_path / "broken").mkdir()
    source = (CONTENT / "reading-with-purpose" / "course.toml").read_text()
    (tmp_path / "broken" / "course.toml").write_text(source)

    with pytest.raises(FileNotFoundError):
        load("--folder", str(tmp_path))

    assert not Course.objects.exists()


@pytest.mark.parametrize("course", COURSES, ids=[course.slug for course in COURSES])
def test_a_course_is_worth_a_learners_time(course):
    lessons = [lesson for module in course.modules for lesson in module.lessons]

    assert len(lessons) == 6
    assert [lesson["is_preview"] for lesson in lessons] == [True] + [False] * 5
    for lesson in lessons:
        assert len(lesson["body"].split()) >= FEWEST_WORDS
        assert "<h2>" in render(lesson["body"])
        assert "<h1>" not in render(lesson["body"])  # that is its title
        assert "&lt;" not in render(lesson["body"])
