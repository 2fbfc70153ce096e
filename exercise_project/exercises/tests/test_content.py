"""The tests that come with the platform: loaded once, and answered from their keys."""

import shutil
from decimal import Decimal

import pytest
from django.core.management import call_command

from exercise_project.exercises.bands import band_for
from exercise_project.exercises.management.commands.load_exercises import CONTENT
from exercise_project.exercises.marking import points_for
from exercise_project.exercises.models import Exercise, ExerciseVersion
from exercise_project.exercises.services import change_part, publish_exercise

pytestmark = pytest.mark.django_db
SLUGS = ["academic-reading-test-1", "listening-test-1"]


@pytest.fixture
def folder(tmp_path):
    """Give a copy of the content that a test may write into."""
    return shutil.copytree(CONTENT, tmp_path / "content")


def load(folder=CONTENT):
    call_command("load_exercises", folder=folder, verbosity=0)


def versions_of(slug):
    return list(ExerciseVersion.objects.filter(exercise__slug=slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_all_forty_answers_of_the_key_give_forty_points(slug):
    load()

    exercise = Exercise.objects.get(slug=slug)
    version = exercise.current_version
    questions = list(version.questions())
    raw_score = sum(
        points_for(
            question.marking_key,
            question.answers if question.choose > 1 else question.answers[0],
        )
        for question in questions
    )
    numbers = [number for question in questions for number in question.numbers]
    assert exercise.state == Exercise.State.PUBLISHED
    assert numbers == list(range(1, 41))
    assert raw_score == version.question_count == 40
    assert band_for(raw_score, version.bands) == Decimal(9)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_variant_of_the_key_is_right_and_another_answer_wrong(slug):
    load()

    for question in Exercise.objects.get(slug=slug).current_version.questions():
        key = question.marking_key
        if question.choose == 1:
            assert [points_for(key, answer) for answer in question.answers] == [
                1 for _ in question.answers
            ]
        assert points_for(key, "qwerty") == 0


@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_is_explained_by_words_of_the_text(slug):
    load()

    for question in Exercise.objects.get(slug=slug).current_version.questions():
        assert question.explanation
        for quotation in question.evidence.split(" … "):
            assert quotation in question.group.section.text


def test_loading_twice_changes_nothing():
    load()
    before = list(ExerciseVersion.objects.values())

    load()

    assert list(ExerciseVersion.objects.values()) == before
    assert len(before) == len(SLUGS)


def test_changed_files_make_a_new_version(folder):
    load(folder)
    path = folder / SLUGS[0] / "test.toml"
    path.write_text(path.read_text() + "\n# proofread\n")

    load(folder)

    new, old = versions_of(SLUGS[0])
    assert (old.number, new.number) == (1, 2)
    assert new.exercise.current_version == new
    assert new.questions().count() == old.questions().count()
    assert len(versions_of(SLUGS[1])) == 1


def test_what_people_have_edited_is_left_to_them(folder):
    load(folder)
    exercise = Exercise.objects.get(slug=SLUGS[0])
    question = exercise.current_version.questions()[0]
    change_part(part=question, changes={"prompt": "A better question?"})
    publish_exercise(exercise_id=exercise.pk)
    path = folder / SLUGS[0] / "test.toml"
    path.write_text(path.read_text() + "\n# proofread\n")

    load(folder)

    exercise.refresh_from_db()
    assert len(versions_of(SLUGS[0])) == 2
    assert exercise.current_version.questions()[0].prompt == "A better question?"
