"""Enroll, study, complete: each effect once, in the transaction of its cause."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from course_project.catalogue.errors import CourseNotFoundError, LessonNotFoundError
from course_project.catalogue.models import Course, Lesson
from course_project.certificates.services import issue_certificate
from course_project.learners.models import Learner
from shared.contracts.events import (
    CourseCompleted,
    EnrollmentCreated,
    LessonCompleted,
    publish,
)
from shared.contracts.notification import NoticeAction, SendNotice, send_notice
from shared.contracts.user import UpdateProgress, update_progress
from shared.server.authentication import PlatformUser
from shared.wire.errors import DomainError
from shared.wire.ids import NOBODY

from .errors import (
    EnrollmentCompletedError,
    EnrollmentNotFoundError,
    EntitlementRequiredError,
    GrantRevokedError,
    NotEnrolledError,
)
from .models import Enrollment, Grant, LessonProgress

Clock = Callable[[], datetime]
EXPIRED_AT_ONCE = 500  # rows of one short transaction


@transaction.atomic
def enroll(
    *, user_id: UUID, course_key: str, clock: Clock = timezone.now
) -> tuple[Enrollment, bool]:
    """Enroll a person in a published course; return the enrollment, and if it is new.

    *course_key* is its id or its slug. Whoever comes back gets the same enrollment,
    open again. Raises EntitlementRequiredError when the course is not free and nobody
    granted it.
    """
    course = Course.objects.published().known_as(course_key).first()
    if course is None:
        raise CourseNotFoundError
    now = clock()
    open_one = Enrollment.objects.of_learner(user_id).open(now)
    if enrollment := open_one.filter(course=course).first():
        return enrollment, False
    grant = _grant_for(user_id, course, now)
    enrollment, is_new = Enrollment.objects.select_for_update().get_or_create(
        user_id=user_id, course=course, defaults={"grant": grant, "enrolled_at": now}
    )
    if not is_new:
        enrollment.reopen(grant)
        enrollment.save()
        return enrollment, False
    Course.objects.filter(pk=course.pk).update(
        enrollments_count=F("enrollments_count") + 1
    )
    publish(
        EnrollmentCreated(
            user_id=user_id,
            enrollment_id=enrollment.pk,
            course_id=course.pk,
            course_title=course.title,
            enrolled_at=now,
        )
    )
    return enrollment, True


@transaction.atomic
def drop_enrollment(*, user_id: UUID, enrollment_id: UUID) -> Enrollment:
    """Leave a course; what was completed stays, for those who come back."""
    own = Enrollment.objects.select_for_update().of_learner(user_id)
    enrollment = own.filter(pk=enrollment_id).first()
    if enrollment is None:
        raise EnrollmentNotFoundError
    if enrollment.completed_at is not None:
        raise EnrollmentCompletedError
    enrollment.state = Enrollment.State.DROPPED
    enrollment.save(update_fields=["state"])
    return enrollment


def is_enrolled(*, user_id: UUID, course_id: UUID, clock: Clock = timezone.now) -> bool:
    """Say whether a person's enrollment opens the lessons of a course now."""
    own = Enrollment.objects.of_learner(user_id).open(clock())
    return own.filter(course_id=course_id).exists()


def open_lesson(
    *, reader: PlatformUser, lesson_id: UUID, clock: Clock = timezone.now
) -> tuple[Lesson, LessonProgress | None]:
    """Return a lesson that a person may read, and how far they are in it.

    Open are the published lessons of a course one is enrolled in, free previews, and
    to authors all of their own.
    """
    lesson = Lesson.objects.select_related("module__course").filter(pk=lesson_id)
    lesson = lesson.first()
    if lesson is None:
        raise LessonNotFoundError
    if not lesson.module.course.is_owned_by(reader):
        _check_entitled(reader.id, lesson, clock())
    progress = LessonProgress.objects.filter(
        enrollment__user_id=reader.id, lesson=lesson
    )
    return lesson, progress.first()


@transaction.atomic
def save_position(
    *,
    user_id: UUID,
    lesson_id: UUID,
    position_seconds: int,
    clock: Clock = timezone.now,
) -> LessonProgress:
    """Remember how far a learner is; an earlier position changes nothing."""
    now = clock()
    enrollment, lesson = _take_lesson(user_id, lesson_id, now)
    progress, _ = LessonProgress.objects.get_or_create(
        enrollment=enrollment, lesson=lesson
    )
    if position_seconds > progress.position_seconds:
        progress.position_seconds = position_seconds
        progress.save(update_fields=["position_seconds", "updated_at"])
    _mark_studied(enrollment, now)
    return progress


@transaction.atomic
def complete_lesson(
    *, user_id: UUID, lesson_id: UUID, name: str = "", clock: Clock = timezone.now
) -> LessonProgress:
    """Complete a lesson, once however often it is asked for; the last one completes
    the course.

    *name* is for the certificate, of a learner whose name no event has told yet.
    """
    now = clock()
    enrollment, lesson = _take_lesson(user_id, lesson_id, now)
    progress, _ = LessonProgress.objects.get_or_create(
        enrollment=enrollment, lesson=lesson
    )
    if progress.completed_at is None:
        progress.completed_at = now
        progress.save(update_fields=["completed_at", "updated_at"])
        _mark_studied(enrollment, now)
        _tell_lesson(enrollment, lesson, now)
    # Asked again, too: the last lesson left may have been taken back since.
    if enrollment.completed_at is None:
        _complete_course_when_done(enrollment, name, now)
    return progress


@transaction.atomic
def grant_access(
    *,
    user_id: UUID,
    course: Course | None,
    granted_by: UUID,
    note: str,
    ends_at: datetime | None = None,
) -> Grant:
    """Entitle a person to a course, or without one to all of the subscription."""
    return Grant.objects.create(
        user_id=user_id,
        course=course,
        granted_by=granted_by,
        note=note,
        ends_at=ends_at,
    )


@transaction.atomic
def revoke_grant(*, grant_id: UUID, clock: Clock = timezone.now) -> Grant:
    """Take a grant back; what it opened is closed from now on."""
    now = clock()
    changed = Grant.objects.filter(pk=grant_id, revoked_at__isnull=True).update(
        revoked_at=now
    )
    if not changed:
        raise GrantRevokedError
    grant = Grant.objects.get(pk=grant_id)
    Enrollment.objects.filter(grant=grant).outlived(now).update(
        state=Enrollment.State.EXPIRED
    )
    return grant


@transaction.atomic
def expire_enrollments(*, clock: Clock = timezone.now) -> int:
    """Mark the enrollments whose grant has ended; return how many."""
    outlived = Enrollment.objects.outlived(clock()).values_list("pk", flat=True)
    ids = list(outlived[:EXPIRED_AT_ONCE])
    active = Enrollment.objects.filter(pk__in=ids, state=Enrollment.State.ACTIVE)
    return active.update(state=Enrollment.State.EXPIRED)


@transaction.atomic
def erase_learner(*, user_id: UUID) -> None:
    """Delete what an erased person took and was granted; keep what they granted.

    A course counts the enrollments that there are.
    """
    own = Enrollment.objects.of_learner(user_id)
    for enrollment in own.order_by("course_id").select_for_update():
        enrollment.delete()
        Course.objects.filter(pk=enrollment.course_id).update(
            enrollments_count=F("enrollments_count") - 1
        )
    Grant.objects.filter(user_id=user_id).delete()
    Grant.objects.filter(granted_by=user_id).update(granted_by=NOBODY)


def _grant_for(user_id: UUID, course: Course, now: datetime) -> Grant | None:
    if course.enrollment_type == Course.EnrollmentType.FREE:
        return None
    grants = Grant.objects.for_course(user_id=user_id, course=course).in_force(now)
    grant = grants.first()
    if grant is None:
        raise EntitlementRequiredError
    return grant


def _refusal(user_id: UUID, course: Course, now: datetime) -> DomainError:
    """Return what keeps a person who is not enrolled from the lessons of *course*."""
    if not course.is_published:
        return LessonNotFoundError()
    try:
        _grant_for(user_id, course, now)
    except EntitlementRequiredError as error:
        return error
    return NotEnrolledError()


def _check_entitled(user_id: UUID, lesson: Lesson, now: datetime) -> None:
    if not lesson.is_published:
        raise LessonNotFoundError
    course = lesson.module.course
    if course.is_published and lesson.is_preview:
        return
    own = Enrollment.objects.of_learner(user_id).open(now)
    if not own.filter(course=course).exists():
        raise _refusal(user_id, course, now)


def _take_lesson(
    user_id: UUID, lesson_id: UUID, now: datetime
) -> tuple[Enrollment, Lesson]:
    """Return a published lesson and the learner's enrollment, locked.

    The lock makes parallel requests of one learner for one course wait in line.
    """
    published = Lesson.objects.published().select_related("module__course")
    lesson = published.filter(pk=lesson_id).first()
    if lesson is None:
        raise LessonNotFoundError
    course = lesson.module.course
    own = Enrollment.objects.of_learner(user_id).filter(course=course)
    enrollment = own.open(now).select_for_update(of=("self",)).first()
    if enrollment is None:
        raise _refusal(user_id, course, now)
    enrollment.course = course
    return enrollment, lesson


def _mark_studied(enrollment: Enrollment, now: datetime) -> None:
    enrollment.last_studied_at = now
    enrollment.save(update_fields=["last_studied_at"])


def _tell_lesson(enrollment: Enrollment, lesson: Lesson, now: datetime) -> None:
    """Tell user-service, the subscribers and the learner of a completed lesson."""
    course = enrollment.course
    skill = None if course.skill == Course.Skill.GENERAL else course.skill
    update_progress.later(
        UpdateProgress(
            user_id=enrollment.user_id,
            lessons_completed=1,
            study_minutes=lesson.minutes,
            skill=skill,
            session_type="lesson",
            resource_id=lesson.pk,
            resource_title=lesson.title,
            occurred_at=now,
        )
    )
    publish(
        LessonCompleted(
            user_id=enrollment.user_id,
            lesson_id=lesson.pk,
            lesson_title=lesson.title,
            course_id=course.pk,
            course_title=course.title,
            skill=skill,
            minutes=lesson.minutes,
            completed_at=now,
        )
    )
    counted = Enrollment.objects.with_progress().get(pk=enrollment.pk)
    send_notice.later(
        SendNotice(
            user_id=enrollment.user_id,
            type="course_update",
            category="success",
            template="lesson_completed",
            params={
                "lesson": lesson.title,
                "course": course.title,
                "percent": str(counted.progress_percent),
            },
            action=NoticeAction(kind="course", target=str(course.pk)),
            dedupe=f"lesson_completed:{lesson.pk}",
        )
    )


def _complete_course_when_done(
    enrollment: Enrollment, name: str, now: datetime
) -> None:
    counted = Enrollment.objects.with_progress().get(pk=enrollment.pk)
    if counted.lessons_completed < counted.lessons_total:
        return
    enrollment.completed_at = now
    enrollment.state = Enrollment.State.COMPLETED
    enrollment.save(update_fields=["completed_at", "state"])
    publish(
        CourseCompleted(
            user_id=enrollment.user_id,
            course_id=enrollment.course_id,
            course_title=enrollment.course.title,
            completed_at=now,
        )
    )
    issue_certificate(
        user_id=enrollment.user_id,
        name=_name_of(enrollment.user_id) or name or "Learner",
        course=enrollment.course,
        issued_at=now,
    )


def _name_of(user_id: UUID) -> str:
    learner = Learner.objects.filter(user_id=user_id).first()
    return learner.display_name.strip() if learner else ""
