"""Authors at the same time, and what stays as it was."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from exercise_project.exercises import services
from exercise_project.exercises.bands import table_named
from exercise_project.exercises.errors import PartNotFoundError
from exercise_project.exercises.models import Exercise, ExerciseVersion, Question

from .making import make_exercise, make_published


def at_the_same_time(*calls):
    """Run *calls* in threads that start together; return what they return."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=30)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_edits_of_a_published_test_at_the_same_time_meet_in_one_draft():
    exercise = make_published()
    questions = list(exercise.current_version.questions())
    before = list(Question.objects.order_by("pk").values())

    def edit(number):
        return lambda: services.change_part(
            part=questions[number % 3], changes={"prompt": f"Edit {number}"}
        )

    edited = at_the_same_time(*map(edit, range(6)))

    draft = exercise.versions.get(state="draft")
    assert draft.number == 2
    assert {question.pk for question in edited} == {
        question.pk for question in draft.questions()
    }
    assert all(question.prompt.startswith("Edit") for question in draft.questions())
    published = Question.objects.filter(group__section__version__state="published")
    assert list(published.order_by("pk").values()) == before


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_publication_at_the_same_time_never_change_what_is_published():
    exercise = make_published()
    question = exercise.current_version.questions()[0]
    draft_question = services.change_part(part=question, changes={"prompt": "One"})

    _, edited = at_the_same_time(
        lambda: services.publish_exercise(exercise_id=exercise.pk),
        lambda: services.change_part(part=draft_question, changes={"prompt": "Two"}),
    )

    second = exercise.versions.get(number=2)
    went_into_the_second = edited.pk == draft_question.pk
    assert second.is_published
    assert second.questions()[0].prompt == ("Two" if went_into_the_second else "One")
    assert exercise.versions.count() == (2 if went_into_the_second else 3)


@pytest.mark.django_db(transaction=True)
def test_a_part_is_deleted_once_however_many_delete_it():
    make_exercise()
    number_one = Question.objects.filter(number=1)

    def delete(question):
        try:
            services.delete_part(part=question)
        except PartNotFoundError:
            return "gone"
        return "deleted"

    same = [number_one.get() for _ in range(4)]
    outcomes = at_the_same_time(*[lambda row=row: delete(row) for row in same])

    assert sorted(outcomes) == ["deleted", "gone", "gone", "gone"]
    assert Question.objects.count() == 2


@pytest.mark.django_db
def test_the_table_of_a_version_is_the_one_it_was_published_with():
    exercise = make_published()
    question = exercise.current_version.questions()[0]

    services.change_part(part=question, changes={"prompt": "Another"})
    services.change_exercise(
        exercise_id=exercise.pk, changes={}, band_table="reading_general"
    )
    services.publish_exercise(exercise_id=exercise.pk)

    first, second = ExerciseVersion.objects.order_by("number")
    assert (first.band_table, first.bands) == (
        "reading_academic",
        table_named("reading_academic"),
    )
    assert (second.band_table, second.bands) == (
        "reading_general",
        table_named("reading_general"),
    )


@pytest.mark.django_db
def test_an_exercise_whose_draft_was_discarded_can_still_be_written():
    exercise = services.create_exercise(
        instructor_id=make_published().instructor_id,
        values={
            "title": "Fog",
            "skill": "listening",
            "kind": "practice",
            "difficulty": "easy",
            "minutes": 10,
        },
    )
    exercise.versions.all().delete()

    section = services.add_section(
        exercise_id=exercise.pk, values={"title": "One", "text": "Text"}
    )

    assert section.version.band_table == "listening"
    assert Exercise.objects.get(pk=exercise.pk).versions.get() == section.version
