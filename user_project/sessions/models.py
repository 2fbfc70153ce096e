"""Study sessions as the server times them, and what they add up to."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7
from user_project.progress.models import Skill

IDLE_AFTER = timedelta(minutes=2)  # DOMAIN: a longer gap does not count
FORGOTTEN_AFTER = timedelta(minutes=30)  # a break ends no session, a closed lid does
_MINUTE = timedelta(minutes=1)


class StudyTime(models.Model):
    """All the time that a learner's sessions counted; its row lock orders them.

    Exact to the microsecond, so that the seconds of short sessions become minutes.
    """

    user_id = models.UUIDField(primary_key=True, editable=False)
    counted = models.DurationField(default=timedelta)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-updated_at"]
        verbose_name_plural = "study time"
        indexes = [models.Index(fields=["-updated_at"], name="study_time_latest")]

    def __str__(self):
        return f"study time of {self.user_id}"

    def add(self, length):
        """Count *length*; return how many minutes it completes."""
        minutes_before = self.counted // _MINUTE
        self.counted += length
        return self.counted // _MINUTE - minutes_before


class TimedSessionQuerySet(models.QuerySet):
    def of_learner(self, user_id):
        """Sessions of one person."""
        return self.filter(user_id=user_id)

    def open(self):
        """Sessions that go on."""
        return self.filter(state=TimedSession.State.OPEN)

    def forgotten(self, at):
        """Open sessions of which nothing has been heard for long."""
        return self.open().filter(last_seen_at__lt=at - FORGOTTEN_AFTER)

    def stretches_after(self, moment):
        """Return the latest counted span of each session that goes beyond *moment*."""
        timed = self.filter(
            last_seen_at__gt=moment, stretch_started_at__lt=models.F("last_seen_at")
        )
        return list(timed.values_list("stretch_started_at", "last_seen_at"))


class TimedSession(models.Model):
    """A learner at work: from the start, by heartbeats, to the end.

    A stretch is the time since its start, or since the last idle gap. All of it up to
    ``last_seen_at`` is counted.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ENDED = "ended"
        ABANDONED = "abandoned"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField(editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    skill = models.CharField(max_length=20, choices=Skill, blank=True)
    resource_id = models.UUIDField(null=True, blank=True)
    resource_title = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    stretch_started_at = models.DateTimeField(help_text="No idle gap since then.")
    last_seen_at = models.DateTimeField(help_text="Start, heartbeat or end.")
    ended_at = models.DateTimeField(null=True, blank=True)
    counted = models.DurationField(
        default=timedelta, help_text="Without idle gaps and what another one counted."
    )
    study_minutes = models.PositiveIntegerField(
        default=0, help_text="What it added to the learner's progress."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TimedSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-last_seen_at"], name="timed_sessions_of_learner"
            ),
            models.Index(
                fields=["last_seen_at"],
                condition=models.Q(state="open"),
                name="timed_sessions_open",
            ),
            models.Index(fields=["-started_at", "-id"], name="timed_sessions_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", ended_at__isnull=True)
                | (~models.Q(state="open") & models.Q(ended_at__isnull=False)),
                name="timed_sessions_open_or_ended",
            )
        ]

    def __str__(self):
        return f"{self.resource_title or self.skill or 'study'} of {self.user_id}"

    @property
    def is_open(self):
        """Say whether it goes on."""
        return self.state == self.State.OPEN

    @property
    def study_seconds(self):
        """Return the time that it counted, in whole seconds."""
        return self.counted // timedelta(seconds=1)

    def see(self, moment):
        """Take a sign of life; return the span that it shows to be study.

        None after an idle gap, and when the clock has stepped back.
        """
        since, moment = self.last_seen_at, max(moment, self.last_seen_at)
        self.last_seen_at = moment
        if moment - since > IDLE_AFTER:
            self.stretch_started_at = moment
            return None
        return (since, moment) if moment > since else None

    def close(self, state):
        """End where it was seen last."""
        self.state = state
        self.ended_at = self.last_seen_at
