"""Versions of an exercise: copied for editing, checked before publication."""

from collections.abc import Iterator
from uuid import UUID

from .bands import FULL_TEST_QUESTIONS
from .errors import PartNotFoundError
from .marking import LETTER_TYPES, VERDICTS, fits_limit, normalise
from .models import Exercise, ExerciseVersion, Question, QuestionGroup, Section

Part = Section | QuestionGroup | Question
_USUAL_TABLE = {
    Exercise.Skill.LISTENING: ExerciseVersion.BandTable.LISTENING,
    Exercise.Skill.READING: ExerciseVersion.BandTable.READING_ACADEMIC,
}


def begin_draft(exercise: Exercise) -> ExerciseVersion:
    """Return the draft of *exercise*, made if there is none.

    It begins as a copy of the current version; before there is one, it is empty.

    The caller holds the exercise's lock.
    """
    draft = exercise.versions.filter(state=ExerciseVersion.State.DRAFT).first()
    if draft is not None:
        return draft
    source = exercise.current_version
    draft = exercise.versions.create(
        number=next_number(exercise),
        band_table=source.band_table if source else _USUAL_TABLE[exercise.skill],
    )
    if source is None:
        return draft
    for section in source.sections.prefetch_related("groups__questions"):
        _copy_section(section, draft)
    return draft


def next_number(exercise: Exercise) -> int:
    """Return the number that the next version gets."""
    latest = exercise.versions.order_by("-number").first()
    return latest.number + 1 if latest else 1


def same_part_in(draft: ExerciseVersion, part: Part) -> Part:
    """Return *part* as it is in *draft*; raises PartNotFoundError when it is gone."""
    same = {"key": part.key, part.TO_VERSION: draft}
    found = type(part).objects.filter(**same).first()
    if found is None:
        raise PartNotFoundError
    return found


def version_of(part: Part) -> ExerciseVersion:
    """Return the version that *part* belongs to."""
    if isinstance(part, Question):
        return part.group.section.version
    return part.section.version if isinstance(part, QuestionGroup) else part.version


def faults_of(version: ExerciseVersion) -> list[dict[str, str]]:
    """Return what keeps *version* from being published, part by part."""
    return [
        {"field": field, "code": code, "detail": detail}
        for field, code, detail in _faults(version)
    ]


def _copy_section(section: Section, draft: ExerciseVersion) -> None:
    groups = list(section.groups.all())
    copy = _copied(section, version=draft)
    for group in groups:
        questions = list(group.questions.all())
        group_copy = _copied(group, section=copy)
        for question in questions:
            _copied(question, group=group_copy)


def _copied(part: Part, **parent: Part | ExerciseVersion) -> Part:
    values = {
        field.attname: getattr(part, field.attname)
        for field in part._meta.concrete_fields
        if field.name != "id" and field.name not in parent
    }
    return type(part).objects.create(**values, **parent)


def _faults(version: ExerciseVersion) -> Iterator[tuple[str, str, str]]:
    skill = version.exercise.skill
    if not version.band_table.startswith(skill):
        yield "band_table", "wrong_table", f"The table is not one for {skill}."
    sections = list(version.sections.prefetch_related("groups__questions"))
    numbers = []
    for section in sections:
        groups = list(section.groups.all())
        if not groups:
            yield _place(section.pk), "no_questions", f"{section} has no questions."
        for group in groups:
            questions = list(group.questions.all())
            if not questions:
                yield _place(group.pk), "no_questions", f"{group} has no questions."
            for question in questions:
                numbers += question.numbers
                yield from _faults_of_question(group, question)
    yield from _faults_of_numbers(version.exercise, sorted(numbers))


def _faults_of_numbers(
    exercise: Exercise, numbers: list[int]
) -> Iterator[tuple[str, str, str]]:
    if numbers != list(range(1, len(numbers) + 1)):
        detail = "Numbers must run from 1 without a gap, each once."
        yield "numbers", "not_consecutive", detail
    is_full = exercise.kind == Exercise.Kind.FULL_TEST
    if is_full and len(numbers) != FULL_TEST_QUESTIONS:
        detail = f"A full test has {FULL_TEST_QUESTIONS} questions, not {len(numbers)}."
        yield "numbers", "not_forty", detail
    if not numbers:
        yield "numbers", "no_questions", "There is no question."


def _faults_of_question(
    group: QuestionGroup, question: Question
) -> Iterator[tuple[str, str, str]]:
    place, answers = _place(question.pk), question.answers
    if not answers or not all(map(normalise, answers)):
        yield place, "no_answer", f"{question} has no answer in its key."
    elif group.type in VERDICTS:
        if not {normalise(answer) for answer in answers} <= set(VERDICTS[group.type]):
            verdicts = ", ".join(dict.fromkeys(VERDICTS[group.type].values())).upper()
            yield (
                place,
                "unknown_verdict",
                f"{question}: its key is none of {verdicts}.",
            )
    elif group.type in LETTER_TYPES or group.type == "multiple_select":
        letters = {option["letter"] for option in question.options or group.options}
        if not set(answers) <= letters:
            yield place, "unknown_letter", f"{question}: no option has that letter."
    elif not all(fits_limit(answer, group.word_limit) for answer in answers):
        yield place, "beyond_limit", f"{question}: an answer has too many words."
    expected = question.choose if group.type == "multiple_select" else 1
    if question.choose != expected or (
        group.type == "multiple_select" and len(answers) != question.choose
    ):
        detail = f"{question}: as many letters as it asks for, one without a choice."
        yield place, "wrong_choose", detail


def _place(part_id: UUID) -> str:
    return str(part_id)
