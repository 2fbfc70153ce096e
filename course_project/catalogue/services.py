"""What authors do with courses: write, order, publish, archive."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import slugify

from course_project.enrollments.services import is_enrolled
from shared.contracts.events import CoursePublished, publish
from shared.server.authentication import PlatformUser
from shared.wire.ids import NOBODY, uuid7

from .content import WrittenCourse
from .errors import (
    CourseNeverPublishedError,
    CourseNotFoundError,
    CourseWasPublishedError,
    IncompleteOrderError,
    LessonIncompleteError,
    LessonNotFoundError,
    NoPublishedLessonError,
    SlugTakenError,
    UnknownModuleError,
)
from .models import FORMER_INSTRUCTOR, Course, Lesson, Module

Clock = Callable[[], datetime]
SLUG_STEM = 80  # leaves room for what tells two courses of one title apart


@transaction.atomic
def create_course(
    *,
    instructor_id: UUID,
    instructor_name: str,
    values: Mapping[str, object],
    slug: str = "",
) -> Course:
    """Make a draft; without a *slug* it gets one from its title.

    Raises SlugTakenError.
    """
    course = Course(
        slug=slug or _slug_of(str(values["title"])),
        instructor_id=instructor_id,
        instructor_name=instructor_name,
        **values,
    )
    try:
        with transaction.atomic():
            course.save(force_insert=True)
    except IntegrityError as error:
        if slug:
            raise SlugTakenError from error
        course.slug = f"{course.slug}-{uuid7().hex[-8:]}"
        course.save(force_insert=True)
    return course


@transaction.atomic
def load_course(
    *, content: WrittenCourse, instructor_id: UUID, instructor_name: str
) -> bool:
    """Publish a course from files; False when there is one with its slug."""
    if Course.objects.filter(slug=content.slug).exists():
        return False
    course = create_course(
        instructor_id=instructor_id,
        instructor_name=instructor_name,
        slug=content.slug,
        values=content.values,
    )
    for written in content.modules:
        module = add_module(course_id=course.pk, values=written.values)
        for lesson in written.lessons:
            add_lesson(module_id=module.pk, values={**lesson, "is_published": True})
    publish_course(course_id=course.pk)
    return True


@transaction.atomic
def update_course(*, course_id: UUID, changes: Mapping[str, object]) -> Course:
    """Change what a course says of itself."""
    course = _locked_course(course_id)
    return _changed(course, changes)


@transaction.atomic
def delete_course(*, course_id: UUID) -> None:
    """Delete a draft; raises CourseWasPublishedError for anything else."""
    course = _locked_course(course_id)
    if course.published_at is not None:
        raise CourseWasPublishedError
    course.delete()


@transaction.atomic
def publish_course(*, course_id: UUID, clock: Clock = timezone.now) -> Course:
    """Open a course to learners; one that is open already stays as it is.

    Raises NoPublishedLessonError. A course that comes back from the archive keeps its
    first date.
    """
    course = _locked_course(course_id)
    if course.is_published:
        return course
    _require_published_lesson(course)
    now = clock()
    course.state = Course.State.PUBLISHED
    course.published_at = course.published_at or now
    course.save(update_fields=["state", "published_at", "updated_at"])
    publish(
        CoursePublished(
            course_id=course.pk,
            instructor_id=course.instructor_id,
            title=course.title,
            skill=str(course.skill),
            level=str(course.level),
            published_at=now,
        )
    )
    return course


@transaction.atomic
def archive_course(*, course_id: UUID) -> Course:
    """Close a course to new learners; who takes it already may go on.

    Raises CourseNeverPublishedError.
    """
    course = _locked_course(course_id)
    if course.published_at is None:
        raise CourseNeverPublishedError
    course.state = Course.State.ARCHIVED
    course.save(update_fields=["state", "updated_at"])
    return course


@transaction.atomic
def add_module(*, course_id: UUID, values: Mapping[str, object]) -> Module:
    """Add a module behind the others."""
    course = _locked_course(course_id)
    return course.modules.create(position=_next_position(course.modules), **values)


@transaction.atomic
def update_module(*, module_id: UUID, changes: Mapping[str, object]) -> Module:
    """Change what a module says of itself."""
    return _changed(_module_of_locked_course(module_id), changes)


@transaction.atomic
def delete_module(*, module_id: UUID) -> None:
    """Delete a module with its lessons.

    Raises NoPublishedLessonError when that would empty a published course.
    """
    module = _module_of_locked_course(module_id)
    module.delete()
    _require_still_open(module.course)


@transaction.atomic
def reorder_modules(*, course_id: UUID, ids: Sequence[UUID]) -> list[Module]:
    """Put the modules in the order of *ids*; raises IncompleteOrderError."""
    return _reordered(_locked_course(course_id).modules, ids)


@transaction.atomic
def add_lesson(*, module_id: UUID, values: Mapping[str, object]) -> Lesson:
    """Add a lesson behind the others of its module; raises LessonIncompleteError."""
    module = _module_of_locked_course(module_id)
    lesson = module.lessons.create(position=_next_position(module.lessons), **values)
    _require_complete(lesson)
    return lesson


@transaction.atomic
def update_lesson(*, lesson_id: UUID, changes: Mapping[str, object]) -> Lesson:
    """Change a lesson.

    Raises LessonIncompleteError, and NoPublishedLessonError when a published course
    would be left without one.
    """
    lesson = _changed(_lesson_of_locked_course(lesson_id), changes)
    _require_complete(lesson)
    _require_still_open(lesson.module.course)
    return lesson


@transaction.atomic
def delete_lesson(*, lesson_id: UUID) -> None:
    """Delete a lesson; raises NoPublishedLessonError as update_lesson does."""
    lesson = _lesson_of_locked_course(lesson_id)
    lesson.delete()
    _require_still_open(lesson.module.course)


@transaction.atomic
def reorder_lessons(*, module_id: UUID, ids: Sequence[UUID]) -> list[Lesson]:
    """Put the lessons in the order of *ids*; raises IncompleteOrderError."""
    return _reordered(_module_of_locked_course(module_id).lessons, ids)


@transaction.atomic
def erase_author(*, user_id: UUID) -> None:
    """Let the courses of an erased person be nobody's.

    What was never published goes with them; learners keep the rest, and admins edit it.
    """
    own = Course.objects.filter(instructor_id=user_id)
    own.filter(published_at__isnull=True).delete()
    own.update(instructor_id=NOBODY, instructor_name=FORMER_INSTRUCTOR)


def may_see(*, user: PlatformUser | AnonymousUser, course: Course) -> bool:
    """Say whether somebody finds a course; who takes it still does in the archive."""
    return course.is_published or may_study(user=user, course=course)


def may_study(*, user: PlatformUser | AnonymousUser, course: Course) -> bool:
    """Say whether the lessons of a course are open to somebody, not only previews."""
    if not user.is_authenticated:
        return False
    return course.is_owned_by(user) or is_enrolled(user_id=user.id, course_id=course.pk)


def count_rating(*, course_id: UUID, ratings: int, points: int) -> None:
    """Add *ratings* and their *points* to a course's mean; either may be negative.

    Call it in the transaction of the review, with the course locked.
    """
    Course.objects.filter(pk=course_id).update(
        rating_count=models.F("rating_count") + ratings,
        rating_sum=models.F("rating_sum") + points,
    )


def _locked_course(course_id: UUID) -> Course:
    course = Course.objects.select_for_update().filter(pk=course_id).first()
    if course is None:
        raise CourseNotFoundError
    return course


def _module_of_locked_course(module_id: UUID) -> Module:
    """Return a module; what authors do with one course happens one at a time."""
    course_id = Module.objects.filter(pk=module_id).values("course_id")[:1]
    course = Course.objects.select_for_update().filter(pk__in=course_id).first()
    module = Module.objects.filter(pk=module_id).first()
    if course is None or module is None:
        raise UnknownModuleError
    module.course = course
    return module


def _lesson_of_locked_course(lesson_id: UUID) -> Lesson:
    module_id = Lesson.objects.filter(pk=lesson_id).values_list("module_id", flat=True)
    found = module_id.first()
    module = _module_of_locked_course(found) if found else None
    lesson = Lesson.objects.filter(pk=lesson_id).first()
    if module is None or lesson is None:
        raise LessonNotFoundError
    lesson.module = module
    return lesson


def _require_complete(lesson: Lesson) -> None:
    if lesson.is_published and not lesson.is_complete:
        raise LessonIncompleteError


def _require_still_open(course: Course) -> None:
    if course.is_published:
        _require_published_lesson(course)


def _require_published_lesson(course: Course) -> None:
    if not course.published_lessons().exists():
        raise NoPublishedLessonError


def _next_position(parts: models.Manager) -> int:
    last = parts.aggregate(last=models.Max("position"))["last"]
    return 0 if last is None else last + 1


def _reordered(parts: models.Manager, ids: Sequence[UUID]) -> list[models.Model]:
    known = {part.pk: part for part in parts.all()}
    if len(ids) != len(known) or set(ids) != set(known):
        raise IncompleteOrderError
    ordered = [known[id_] for id_ in ids]
    for position, part in enumerate(ordered):
        part.position = position
    parts.bulk_update(ordered, ["position"])
    return ordered


def _changed(row: models.Model, changes: Mapping[str, object]) -> models.Model:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


def _slug_of(title: str) -> str:
    return slugify(title)[:SLUG_STEM].strip("-") or "course"
