"""Hand in writing and speaking, and mark it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from exercise_project.exercises.bands import mean_band
from shared.contracts.events import CoursePublished, SubmissionMarked, publish
from shared.contracts.notification import SendNotice, send_notice
from shared.operators.erasing import erase_rows
from shared.server.authentication import PlatformUser
from shared.server.erased import is_erased
from shared.staff.models import StaffUser
from shared.wire.ids import NOBODY

from .criteria import faults_of
from .errors import (
    AlreadyMarkedError,
    CourseNotFoundError,
    InvalidCriteriaError,
    SubmissionNotFoundError,
)
from .models import Submission, TaughtCourse

Clock = Callable[[], datetime]


@transaction.atomic
def learn_course(*, event: CoursePublished) -> None:
    """Remember who teaches a course; an older fact changes nothing."""
    newer = TaughtCourse.objects.select_for_update().filter(
        pk=event.course_id, published_at__gte=event.published_at
    )
    if newer.exists():
        return
    is_gone = is_erased(event.instructor_id)
    TaughtCourse.objects.update_or_create(
        course_id=event.course_id,
        defaults={
            "instructor_id": NOBODY if is_gone else event.instructor_id,
            "title": event.title,
            "published_at": event.published_at,
        },
    )


@transaction.atomic
def submit_work(
    *,
    user_id: UUID,
    values: Mapping[str, object],
    course_id: UUID | None = None,
    clock: Clock = timezone.now,
) -> Submission:
    """Hand in a text or a recording, for the instructor of a course or for admins."""
    if course_id and not TaughtCourse.objects.filter(pk=course_id).exists():
        raise CourseNotFoundError
    return Submission.objects.create(
        user_id=user_id, course_id=course_id, submitted_at=clock(), **values
    )


@transaction.atomic
def mark_submission(
    *,
    marker: PlatformUser | StaffUser,
    submission_id: UUID,
    criteria: Mapping[str, Decimal],
    feedback: str,
    clock: Clock = timezone.now,
) -> Submission:
    """Give a submission its four bands and their mean, once and for good."""
    markable = Submission.objects.markable_by(marker).filter(pk=submission_id)
    if not markable.exists():
        raise SubmissionNotFoundError
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.is_marked:
        raise AlreadyMarkedError
    _refuse_faults(submission, criteria)
    submission.criteria = {name: float(criteria[name]) for name in criteria}
    submission.band = mean_band(criteria.values())
    submission.feedback = feedback
    submission.state = Submission.State.MARKED
    submission.marked_by = marker.id
    submission.marked_at = clock()
    submission.save()
    _tell(submission)
    return submission


@transaction.atomic
def erase_person(*, user_id: UUID) -> None:
    """Delete what an erased person handed in; what they marked, nobody has marked.

    Admins mark what learners hand in to the courses that they taught.
    """
    erase_rows(Submission.objects.filter(user_id=user_id))
    Submission.objects.filter(marked_by=user_id).update(marked_by=NOBODY)
    TaughtCourse.objects.filter(instructor_id=user_id).update(instructor_id=NOBODY)


def _refuse_faults(submission: Submission, criteria: Mapping[str, Decimal]) -> None:
    faults = [
        {"field": f"criteria.{name}", "code": code, "detail": detail}
        for name, code, detail in faults_of(
            criteria, skill=submission.skill, task=submission.task
        )
    ]
    if faults:
        raise InvalidCriteriaError(errors=faults)


def _tell(submission: Submission) -> None:
    publish(
        SubmissionMarked(
            user_id=submission.user_id,
            submission_id=submission.pk,
            title=submission.title,
            skill=submission.skill,
            band=float(submission.band),
            marked_at=submission.marked_at,
        )
    )
    send_notice.later(
        SendNotice(
            user_id=submission.user_id,
            type="exercise_graded",
            category="success",
            template="submission_marked",
            params={"title": submission.title, "band": f"{submission.band:.1f}"},
            dedupe=f"submission:{submission.pk}",
        )
    )
