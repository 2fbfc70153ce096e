"""Bring together what a learner sees first; who is away is named and left out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from shared.contracts.course import (
    CourseSummary,
    CurrentCourse,
    GetCourseSummary,
    get_course_summary,
)
from shared.contracts.exercise import (
    ExerciseSummary,
    GetExerciseSummary,
    RecentAttempt,
    get_exercise_summary,
)
from shared.contracts.notification import (
    GetNotificationSummary,
    NotificationSummary,
    get_notification_summary,
)
from shared.contracts.peer import Call, gather
from shared.server.authentication import PlatformUser
from shared.wire.errors import CallError
from user_project.profiles.models import Profile
from user_project.profiles.zones import local_day
from user_project.progress.models import Progress, SkillStatistic

# The whole answer is promised within a second, and some of that is our own.
PEERS_SECONDS = 0.7
# The names by which `unavailable` speaks of them.
PARTS_OF_PEERS = ("current_courses", "recent_attempts", "unread_notifications")


@dataclass(frozen=True)
class Dashboard:
    """What is known of a learner now; *unavailable* names what a peer did not say.

    The summary of a peer that is away is None.
    """

    profile: Profile
    today: date
    progress: Progress
    statistics: list[SkillStatistic]
    courses: CourseSummary | None
    attempts: ExerciseSummary | None
    unread_notifications: NotificationSummary | None
    unavailable: list[str]

    @property
    def current_courses(self) -> list[CurrentCourse]:
        """The courses that were studied last; none while course-service is away."""
        return self.courses.current_courses if self.courses else []

    @property
    def courses_completed(self) -> int | None:
        """How many courses are completed, as far as anybody can say."""
        return self.courses.courses_completed if self.courses else None

    @property
    def recent_attempts(self) -> list[RecentAttempt]:
        """The latest attempts; none while exercise-service is away."""
        return self.attempts.recent_attempts if self.attempts else []

    @property
    def attempts_graded(self) -> int | None:
        """How many attempts have a result, as far as anybody can say."""
        return self.attempts.attempts_graded if self.attempts else None


def read_dashboard(
    *, reader: PlatformUser, clock: Callable[[], datetime] = timezone.now
) -> Dashboard:
    """Return a person's dashboard, asking the three peers at the same time."""
    profile = Profile.objects.of_account(
        user_id=reader.id, email=reader.email, role=reader.role, full_name=reader.name
    )
    progress = Progress.objects.of_learner(reader.id)
    statistics = SkillStatistic.objects.of_learner(reader.id)
    slots = gather(_questions(reader.id), timeout_seconds=PEERS_SECONDS)
    answers = {
        part: slot for part, slot in slots.items() if not isinstance(slot, CallError)
    }
    return Dashboard(
        profile=profile,
        today=local_day(clock(), profile.timezone),
        progress=progress,
        statistics=statistics,
        courses=answers.get("current_courses"),
        attempts=answers.get("recent_attempts"),
        unread_notifications=answers.get("unread_notifications"),
        unavailable=[part for part in PARTS_OF_PEERS if part not in answers],
    )


def _questions(user_id: UUID) -> dict[str, Call]:
    """Return what to ask for each of the parts of the peers."""
    calls = [
        get_course_summary.call(
            GetCourseSummary(user_id=user_id), on_behalf_of=user_id
        ),
        get_exercise_summary.call(
            GetExerciseSummary(user_id=user_id), on_behalf_of=user_id
        ),
        get_notification_summary.call(
            GetNotificationSummary(user_id=user_id), on_behalf_of=user_id
        ),
    ]
    return dict(zip(PARTS_OF_PEERS, calls, strict=True))
