"""The facts that services tell each other."""

from datetime import date
from uuid import UUID

from shared.wire.events import event
from shared.wire.structs import (
    Band,
    Contract,
    Count,
    Email,
    Line,
    Moment,
    Percent,
    Role,
    Skill,
)

from .publishing import publish

__all__ = [
    "AchievementEarned",
    "AttemptGraded",
    "CertificateIssued",
    "CourseCompleted",
    "CoursePublished",
    "EnrollmentCreated",
    "GoalCompleted",
    "LessonCompleted",
    "ProfileUpdated",
    "ReviewCreated",
    "SessionEnded",
    "StreakReached",
    "SubmissionMarked",
    "UserDisabled",
    "UserEnabled",
    "UserErased",
    "UserRegistered",
    "UserRoleChanged",
    "publish",
]


@event(
    "user.registered.v1",
    publisher="auth",
    subscribers={"course", "exercise", "notification"},
    subject="user_id",
)
class UserRegistered(Contract, frozen=True):
    """A person has an account. user-service learns it by the call profile/create."""

    user_id: UUID
    email: Email
    full_name: Line
    role: Role
    registered_at: Moment


_EVERY_PEER_OF_AUTH = {"user", "course", "exercise", "notification"}


@event(
    "user.role_changed.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class UserRoleChanged(Contract, frozen=True):
    """The role of an account is another; tokens issued before are refused."""

    user_id: UUID
    role: Role
    changed_at: Moment


@event(
    "user.disabled.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class UserDisabled(Contract, frozen=True):
    """An account was switched off by an operator."""

    user_id: UUID
    disabled_at: Moment


@event(
    "user.enabled.v1",
    publisher="auth",
    subscribers={"notification"},
    subject="user_id",
)
class UserEnabled(Contract, frozen=True):
    """An account that was switched off may be used again."""

    user_id: UUID
    enabled_at: Moment


@event(
    "user.erased.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
    is_erasure=True,
)
class UserErased(Contract, frozen=True):
    """An account is gone for good; everybody forgets the person."""

    user_id: UUID
    erased_at: Moment


@event(
    "session.ended.v1",
    publisher="auth",
    subscribers=_EVERY_PEER_OF_AUTH,
    subject="user_id",
)
class SessionEnded(Contract, frozen=True):
    """A sign-in on one device is over; its access tokens are refused."""

    user_id: UUID
    session_id: UUID
    ended_at: Moment


@event(
    "profile.updated.v1",
    publisher="user",
    subscribers={"course", "exercise", "notification"},
    subject="user_id",
)
class ProfileUpdated(Contract, frozen=True):
    """What others show or use of a profile is another."""

    user_id: UUID
    display_name: Line
    locale: Line
    timezone: Line
    visibility: Line
    updated_at: Moment


@event(
    "streak.reached.v1",
    publisher="user",
    subscribers={"notification"},
    subject="user_id",
)
class StreakReached(Contract, frozen=True):
    """A streak has grown to a length worth telling, once per streak and length."""

    user_id: UUID
    days: Count
    reached_on: date


@event(
    "goal.completed.v1",
    publisher="user",
    subscribers={"notification"},
    subject="user_id",
)
class GoalCompleted(Contract, frozen=True):
    """A learner has reached a goal of their own, once per goal."""

    user_id: UUID
    goal_id: UUID
    title: Line
    completed_at: Moment


@event(
    "achievement.earned.v1",
    publisher="user",
    subscribers={"notification"},
    subject="user_id",
)
class AchievementEarned(Contract, frozen=True):
    """A learner has earned an achievement, which happens once for each of them."""

    user_id: UUID
    achievement: Line
    points: Count
    earned_at: Moment


@event(
    "course.published.v1",
    publisher="course",
    subscribers={"exercise"},
    subject="course_id",
)
class CoursePublished(Contract, frozen=True):
    """A course can be taken from now on."""

    course_id: UUID
    instructor_id: UUID
    title: Line
    skill: Line
    level: Line
    published_at: Moment


@event("review.created.v1", publisher="course", subscribers=set(), subject="course_id")
class ReviewCreated(Contract, frozen=True):
    """A learner has reviewed a course."""

    review_id: UUID
    user_id: UUID
    course_id: UUID
    course_title: Line
    instructor_id: UUID
    rating: Count
    created_at: Moment


@event(
    "enrollment.created.v1",
    publisher="course",
    subscribers={"notification"},
    subject="user_id",
)
class EnrollmentCreated(Contract, frozen=True):
    """A learner has begun a course."""

    user_id: UUID
    enrollment_id: UUID
    course_id: UUID
    course_title: Line
    enrolled_at: Moment


@event("lesson.completed.v1", publisher="course", subscribers=set(), subject="user_id")
class LessonCompleted(Contract, frozen=True):
    """A learner has completed a lesson, which happens once per lesson."""

    user_id: UUID
    lesson_id: UUID
    lesson_title: Line
    course_id: UUID
    course_title: Line
    skill: Skill | None
    minutes: Count
    completed_at: Moment


@event("course.completed.v1", publisher="course", subscribers=set(), subject="user_id")
class CourseCompleted(Contract, frozen=True):
    """A learner has completed every published lesson of a course, once."""

    user_id: UUID
    course_id: UUID
    course_title: Line
    completed_at: Moment


@event(
    "certificate.issued.v1", publisher="course", subscribers=set(), subject="user_id"
)
class CertificateIssued(Contract, frozen=True):
    """A certificate exists and can be verified by its code."""

    user_id: UUID
    certificate_id: UUID
    code: Line
    course_id: UUID
    course_title: Line
    issued_at: Moment


@event("attempt.graded.v1", publisher="exercise", subscribers=set(), subject="user_id")
class AttemptGraded(Contract, frozen=True):
    """An attempt at a test has its result; a score of 0 is one."""

    user_id: UUID
    attempt_id: UUID
    exercise_id: UUID
    exercise_title: Line
    kind: Line
    skill: Skill
    raw_score: Count
    question_count: Count
    score_percent: Percent
    graded_at: Moment
    band: Band | None = None
    estimated_band: Band | None = None
    minutes: Count = 0
    course_id: UUID | None = None


@event(
    "submission.marked.v1", publisher="exercise", subscribers=set(), subject="user_id"
)
class SubmissionMarked(Contract, frozen=True):
    """A piece of writing or speaking has its bands."""

    user_id: UUID
    submission_id: UUID
    title: Line
    skill: Skill
    band: Band
    marked_at: Moment
