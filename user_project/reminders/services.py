"""Remind learners of study, at their time of day, on days without any."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from shared.contracts.notification import SendNotice, send_notice
from user_project.profiles.models import Profile
from user_project.profiles.zones import local_day
from user_project.progress.models import StudyDay

REMINDED_AT_ONCE = 100  # each in a transaction of its own


def remind_learners(*, clock: Callable[[], datetime] = timezone.now) -> int:
    """Remind those whose time has come; return how many reminders were due.

    Whoever has studied today hears nothing, and a reminder that could not be sent on
    its day is left out.
    """
    now = clock()
    due = Profile.objects.with_reminder_due(now).order_by("study_reminder_due_at")
    ids = list(due.values_list("pk", flat=True)[:REMINDED_AT_ONCE])
    return sum(_remind(user_id, now) for user_id in ids)


@transaction.atomic
def _remind(user_id: UUID, now: datetime) -> bool:
    due = Profile.objects.select_for_update().with_reminder_due(now)
    profile = due.filter(pk=user_id).first()
    if profile is None:
        return False
    day = local_day(profile.study_reminder_due_at, profile.timezone)
    profile.schedule_reminder(now)
    profile.save(update_fields=["study_reminder_due_at"])
    days = StudyDay.objects.filter(user_id=user_id, day=day)
    if local_day(now, profile.timezone) == day and not days.counting().exists():
        send_notice.later(
            SendNotice(
                user_id=user_id,
                type="reminder",
                template="day_without_study",
                dedupe=f"day_without_study:{day}",
            )
        )
    return True
