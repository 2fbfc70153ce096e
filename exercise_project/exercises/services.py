"""Author exercises: write, version, publish, archive, load from files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from shared.wire.ids import NOBODY

from .bands import table_named
from .content import WrittenTest
from .errors import (
    ExerciseNotFoundError,
    ExercisePublishedError,
    ExerciseSettledError,
    NotPublishableError,
    PartNotFoundError,
    PlaceTakenError,
    SlugTakenError,
)
from .models import Exercise, ExerciseVersion, Question, QuestionGroup, Section
from .versions import (
    Part,
    begin_draft,
    faults_of,
    same_part_in,
    version_of,
)

_SETTLED_FIELDS = ("skill", "kind")
Values = Mapping[str, object]


@transaction.atomic
def create_exercise(
    *, instructor_id: UUID, values: Values, band_table: str = ""
) -> Exercise:
    """Begin an exercise with an empty draft; without a slug it gets one."""
    exercise = Exercise(instructor_id=instructor_id, **values)
    if not exercise.slug:
        exercise.slug = f"{slugify(exercise.title)[:80]}-{exercise.id.hex[-8:]}"
    _refuse_taken_slug(exercise)
    exercise.save(force_insert=True)
    draft = begin_draft(exercise)
    if band_table:
        draft.band_table = band_table
        draft.save()
    return exercise


@transaction.atomic
def change_exercise(
    *, exercise_id: UUID, changes: Values, band_table: str = ""
) -> Exercise:
    """Change what is said of an exercise; another table makes a new version."""
    exercise = _locked(exercise_id)
    for name, value in changes.items():
        is_other = getattr(exercise, name) != value
        if is_other and name in _SETTLED_FIELDS and exercise.published_at:
            raise ExerciseSettledError
        setattr(exercise, name, value)
    _refuse_taken_slug(exercise)
    exercise.save()
    if band_table:
        draft = begin_draft(exercise)
        draft.band_table = band_table
        draft.save()
    return exercise


@transaction.atomic
def delete_exercise(*, exercise_id: UUID) -> None:
    """Delete an exercise that nobody can have taken."""
    exercise = _locked(exercise_id)
    if exercise.published_at:
        raise ExercisePublishedError
    exercise.delete()


@transaction.atomic
def erase_author(*, user_id: UUID) -> None:
    """Let the exercises of an erased person be nobody's.

    What was never published goes with them; learners keep the rest, and admins edit it.
    """
    own = Exercise.objects.filter(instructor_id=user_id)
    own.filter(published_at__isnull=True).delete()
    own.update(instructor_id=NOBODY)


@transaction.atomic
def begin_version(*, exercise_id: UUID) -> ExerciseVersion:
    """Return the draft, a copy of the published version if there was none."""
    return begin_draft(_locked(exercise_id))


@transaction.atomic
def hold_draft(*, version_id: UUID) -> bool:
    """Say whether a version is a draft, and keep it one until the caller commits."""
    version = ExerciseVersion.objects.filter(pk=version_id).first()
    if version is None:
        return False
    _locked(version.exercise_id)
    version.refresh_from_db()
    return not version.is_published


@transaction.atomic
def publish_exercise(
    *, exercise_id: UUID, clock: Callable[[], datetime] = timezone.now
) -> Exercise:
    """Settle the draft, and give it to every attempt that begins from now on.

    Without a draft the current version is open again; a second time changes nothing.
    """
    exercise = _locked(exercise_id)
    draft = exercise.versions.filter(state=ExerciseVersion.State.DRAFT).first()
    if draft is not None:
        _settle(draft, at=clock())
        exercise.current_version = draft
    exercise.state = Exercise.State.PUBLISHED
    exercise.published_at = exercise.published_at or clock()
    exercise.save()
    return exercise


@transaction.atomic
def archive_exercise(*, exercise_id: UUID) -> Exercise:
    """Take an exercise out of the lists; results and open attempts stay."""
    exercise = _locked(exercise_id)
    exercise.state = Exercise.State.ARCHIVED
    exercise.save()
    return exercise


@transaction.atomic
def add_section(*, exercise_id: UUID, values: Values) -> Section:
    """Add a section to the draft, last unless *values* give a position."""
    draft = begin_draft(_locked(exercise_id))
    return _insert(draft.sections, {"position": draft.sections.count() + 1, **values})


@transaction.atomic
def add_group(*, section: Section, values: Values) -> QuestionGroup:
    """Add a group of questions to a section, last unless *values* say otherwise."""
    section = _part_to_edit(section)
    return _insert(section.groups, {"position": section.groups.count() + 1, **values})


@transaction.atomic
def add_question(*, group: QuestionGroup, values: Values) -> Question:
    """Add a question with its key to a group."""
    return _insert(_part_to_edit(group).questions, values)


@transaction.atomic
def change_part(*, part: Part, changes: Values) -> Part:
    """Change a section, group or question; of a published version, in the draft.

    The answer is the part that was changed: its id is another when a new version was
    begun for it.
    """
    part = _part_to_edit(part)
    for name, value in changes.items():
        setattr(part, name, value)
    try:
        with transaction.atomic():
            part.save()
    except IntegrityError as error:
        raise PlaceTakenError from error
    return part


@transaction.atomic
def delete_part(*, part: Part) -> None:
    """Delete a section, group or question; of a published version, in the draft."""
    _part_to_edit(part).delete()


@transaction.atomic
def load_test(
    *,
    content: WrittenTest,
    instructor_id: UUID,
    clock: Callable[[], datetime] = timezone.now,
) -> bool:
    """Publish a test from files; False when these very files were loaded before.

    A test that people have edited since belongs to them: it stays as it is.
    """
    exercise = Exercise.objects.filter(slug=content.values["slug"]).first()
    if exercise is None:
        exercise = create_exercise(
            instructor_id=instructor_id,
            values=content.values,
            band_table=content.band_table,
        )
    elif not _is_of_other_files(_locked(exercise.pk), content):
        return False
    else:
        change_exercise(
            exercise_id=exercise.pk,
            changes=content.values,
            band_table=content.band_table,
        )
    draft = begin_draft(exercise)
    draft.sections.all().delete()
    draft.content_digest = content.digest
    draft.save()
    for section in content.sections:
        _load_section(draft, section)
    publish_exercise(exercise_id=exercise.pk, clock=clock)
    return True


def _is_of_other_files(exercise: Exercise, content: WrittenTest) -> bool:
    digests = set(exercise.versions.values_list("content_digest", flat=True))
    return "" not in digests and content.digest not in digests


def _load_section(draft: ExerciseVersion, values: Values) -> None:
    plain = {"title", "instructions", "text"}
    section = draft.sections.create(
        position=values["number"], **{name: values[name] for name in plain}
    )
    for position, group_values in enumerate(values["groups"], 1):
        plain = set(group_values) - {"questions"}
        group = section.groups.create(
            position=position, **{name: group_values[name] for name in plain}
        )
        for question in group_values["questions"]:
            number = question.get("number") or question["numbers"][0]
            plain = set(question) - {"number", "numbers"}
            group.questions.create(
                number=number, **{name: question[name] for name in plain}
            )


def _settle(draft: ExerciseVersion, *, at: datetime) -> None:
    faults = faults_of(draft)
    if faults:
        raise NotPublishableError(errors=faults)
    draft.bands = table_named(draft.band_table)
    draft.question_count = sum(question.choose for question in draft.questions())
    draft.state = ExerciseVersion.State.PUBLISHED
    draft.published_at = at
    draft.save()


def _part_to_edit(part: Part) -> Part:
    """Return *part*, or what it is in the draft when its version is published."""
    exercise = _locked(version_of(part).exercise_id)
    try:
        part.refresh_from_db()
    except ObjectDoesNotExist as error:  # deleted while this author waited
        raise PartNotFoundError from error
    version = version_of(part)
    version.refresh_from_db()
    if not version.is_published:
        return part
    return same_part_in(begin_draft(exercise), part)


def _insert(parts: object, values: Values) -> Part:
    try:
        with transaction.atomic():
            return parts.create(**values)
    except IntegrityError as error:
        raise PlaceTakenError from error


def _refuse_taken_slug(exercise: Exercise) -> None:
    others = Exercise.objects.filter(slug=exercise.slug).exclude(pk=exercise.pk)
    if others.exists():
        raise SlugTakenError


def _locked(exercise_id: UUID) -> Exercise:
    """Return an exercise whose authors wait for each other until the commit."""
    locked = Exercise.objects.select_for_update().filter(pk=exercise_id).first()
    if locked is None:
        raise ExerciseNotFoundError
    return locked
