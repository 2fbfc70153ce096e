"""What course-service asks of exercises, through the internal door."""

import pytest

from shared.contracts.exercise import GetModuleExercises, get_module_exercises
from shared.wire.ids import uuid7

from .making import make_exercise, make_published

pytestmark = pytest.mark.django_db


def test_the_published_exercises_of_modules_come_in_one_answer(
    call_internal, django_assert_num_queries
):
    modules = [uuid7(), uuid7()]
    first, second = [
        make_published(title=f"Number {number}", module_id=module)
        for number, module in enumerate(modules, 1)
    ]
    make_exercise(title="Draft", module_id=modules[0])
    make_published(title="Elsewhere", module_id=uuid7())
    make_published(title="Nowhere")
    request = GetModuleExercises(ids=[*modules, uuid7()])
    call_internal(get_module_exercises, request, caller="course")  # the key is known

    with django_assert_num_queries(1):
        response = call_internal(get_module_exercises, request, caller="course")

    assert response.status_code == 200
    one, two = response.json()["exercises"]
    assert one == {
        "exercise_id": str(first.pk),
        "module_id": str(modules[0]),
        "instructor_id": str(first.instructor_id),
        "slug": first.slug,
        "title": "Number 1",
        "skill": "reading",
        "kind": "practice",
        "difficulty": "easy",
        "minutes": 20,
        "question_count": 3,
    }
    assert two["exercise_id"] == str(second.pk)


def test_only_course_service_may_ask(call_internal):
    request = GetModuleExercises(ids=[uuid7()])

    response = call_internal(get_module_exercises, request, caller="user")

    assert (response.status_code, response.json()["code"]) == (
        403,
        "caller_not_allowed",
    )
