"""What a learner has done: in all, by day, by session, by skill."""

from datetime import timedelta
from decimal import Decimal

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7

from .bands import mean_band
from .streaks import current_streak

STUDY_DAY_MINUTES = 10  # DOMAIN: as much study makes a day count without a completion
TREND_LENGTH = 10


class Skill(models.TextChoices):
    """The four skills of the test."""

    LISTENING = "listening"
    READING = "reading"
    WRITING = "writing"
    SPEAKING = "speaking"


class ProgressQuerySet(models.QuerySet):
    def of_learner(self, user_id):
        """Return a learner's progress, or an unsaved one that is all zeros."""
        return self.filter(user_id=user_id).first() or Progress(user_id=user_id)

    def locked(self, user_id):
        """Return a learner's progress, made and locked in the current transaction."""
        return self.select_for_update().get_or_create(user_id=user_id)[0]


class Progress(models.Model):
    """A learner's totals and streaks; its row lock orders all that adds to them."""

    user_id = models.UUIDField(primary_key=True, editable=False)
    lessons_completed = models.PositiveBigIntegerField(default=0)
    exercises_completed = models.PositiveBigIntegerField(default=0)
    study_minutes = models.PositiveBigIntegerField(default=0)
    points = models.PositiveBigIntegerField(default=0)
    goals_completed = models.PositiveBigIntegerField(default=0)
    last_study_date = models.DateField(
        null=True, blank=True, help_text="The last day that counts for a streak."
    )
    last_streak_days = models.PositiveIntegerField(
        default=0, help_text="Length of the streak that ends on the last study date."
    )
    longest_streak_days = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        verbose_name_plural = "progress"
        indexes = [
            models.Index(fields=["-updated_at"], name="progress_latest"),
            models.Index(
                fields=[
                    "-points",
                    "-study_minutes",
                    "-lessons_completed",
                    "-exercises_completed",
                    "user_id",
                ],
                name="progress_by_place",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    longest_streak_days__gte=models.F("last_streak_days")
                ),
                name="progress_longest_is_longest",
            )
        ]

    def __str__(self):
        return f"progress of {self.user_id}"

    def add(self, *, lessons_completed, exercises_completed, study_minutes):
        """Add to the totals; the caller holds the row's lock."""
        self.lessons_completed += lessons_completed
        self.exercises_completed += exercises_completed
        self.study_minutes += study_minutes

    def set_streaks(self, streaks):
        """Take over streaks that were computed from all study days."""
        self.last_study_date = streaks.last_day
        self.last_streak_days = streaks.last_length
        self.longest_streak_days = streaks.longest

    def current_streak_days(self, today):
        """Return the streak as it reads on *today*, the learner's calendar day."""
        return current_streak(
            last_day=self.last_study_date,
            last_length=self.last_streak_days,
            today=today,
        )


class StudyDayQuerySet(models.QuerySet):
    def counting(self):
        """Days that count for a streak: a completion, or ten minutes of study."""
        return self.filter(
            models.Q(lessons_completed__gt=0)
            | models.Q(exercises_completed__gt=0)
            | models.Q(study_minutes__gte=STUDY_DAY_MINUTES)
        )

    def series(self, *, user_id, last_day, length):
        """Return *length* days up to *last_day*, oldest first, idle ones included."""
        first_day = last_day - timedelta(days=length - 1)
        stored = self.filter(user_id=user_id, day__range=(first_day, last_day))
        by_day = {study_day.day: study_day for study_day in stored}
        days = (first_day + timedelta(days=offset) for offset in range(length))
        return [by_day.get(day) or StudyDay(user_id=user_id, day=day) for day in days]


class StudyDay(models.Model):
    """One calendar day of a learner, in the zone they had when it was counted."""

    user_id = models.UUIDField()
    day = models.DateField()
    lessons_completed = models.PositiveBigIntegerField(default=0)
    exercises_completed = models.PositiveBigIntegerField(default=0)
    study_minutes = models.PositiveBigIntegerField(default=0)

    objects = StudyDayQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "day"], name="progress_one_row_per_day"
            )
        ]

    def __str__(self):
        return f"{self.day} of {self.user_id}"

    @property
    def counts(self):
        """Say whether the day counts for a streak."""
        return bool(
            self.lessons_completed
            or self.exercises_completed
            or self.study_minutes >= STUDY_DAY_MINUTES
        )

    def add(self, *, lessons_completed, exercises_completed, study_minutes):
        """Add to the day; the caller holds the lock of the learner's progress."""
        self.lessons_completed += lessons_completed
        self.exercises_completed += exercises_completed
        self.study_minutes += study_minutes


class StreakMilestone(models.Model):
    """A length that a streak has reached: told once, whatever days it gains later.

    Streaks only grow, at both ends, so the day stays within its streak. It is the day
    by what was known then: a late day at the beginning does not tell it again.
    """

    user_id = models.UUIDField()
    days = models.PositiveIntegerField()
    reached_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="progress_latest_milestones")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "reached_on", "days"],
                name="progress_milestone_told_once",
            )
        ]

    def __str__(self):
        return f"{self.days} days of {self.user_id}"


class StudySession(models.Model):
    """One thing that a learner did, as course or exercise-service reported it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField()
    session_type = models.CharField(max_length=200, blank=True)
    skill = models.CharField(max_length=20, choices=Skill, blank=True)
    resource_id = models.UUIDField(null=True, blank=True)
    resource_title = models.CharField(max_length=200, blank=True)
    lessons_completed = models.PositiveIntegerField(default=0)
    exercises_completed = models.PositiveIntegerField(default=0)
    study_minutes = models.PositiveIntegerField(default=0)
    score_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-occurred_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-occurred_at", "-id"], name="progress_history"
            ),
            models.Index(
                fields=["-occurred_at", "-id"], name="progress_latest_sessions"
            ),
        ]

    def __str__(self):
        return f"{self.session_type} {self.resource_title}".strip() or str(self.id)


class SkillStatisticQuerySet(models.QuerySet):
    def of_learner(self, user_id):
        """Return one statistic per skill, unsaved zeros where there was no practice."""
        stored = {item.skill: item for item in self.filter(user_id=user_id)}
        return [
            stored.get(skill) or SkillStatistic(user_id=user_id, skill=skill)
            for skill in Skill.values
        ]


class SkillStatistic(models.Model):
    """A learner's practice of one skill: exact sums, and the latest scores."""

    user_id = models.UUIDField()
    skill = models.CharField(max_length=20, choices=Skill)
    practices = models.PositiveIntegerField(default=0)
    completed_practices = models.PositiveIntegerField(default=0)
    score_total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    best_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    last_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    last_practiced_at = models.DateTimeField(null=True, blank=True)
    minutes = models.PositiveBigIntegerField(default=0)
    bands = models.PositiveIntegerField(default=0, help_text="Practices with a band.")
    band_total = models.DecimalField(max_digits=12, decimal_places=1, default=0)
    best_band = models.DecimalField(
        max_digits=2, decimal_places=1, null=True, blank=True
    )
    recent = models.JSONField(
        default=list,
        help_text="Time and percent of the last practices, oldest first.",
    )

    objects = SkillStatisticQuerySet.as_manager()

    class Meta:
        ordering = ["user_id", "skill"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "skill"], name="progress_one_row_per_skill"
            )
        ]

    def __str__(self):
        return f"{self.skill} of {self.user_id}"

    def add(self, *, percent, band, minutes, is_completed, occurred_at):
        """Count one practice, in whatever order they arrive; the row is locked."""
        self.practices += 1
        self.completed_practices += is_completed
        self.score_total += percent
        self.best_percent = max(percent, self.best_percent or Decimal(0))
        self.minutes += minutes
        if band is not None:
            self.bands += 1
            self.band_total += band
            self.best_band = max(band, self.best_band or Decimal(0))
        # Equal times are ordered by score: arrival must not decide what was last.
        moment = occurred_at.isoformat(timespec="microseconds")
        self.recent = sorted([*self.recent, [moment, float(percent)]])[-TREND_LENGTH:]
        last_moment, last_percent = self.recent[-1]
        if last_moment == moment:
            self.last_practiced_at = occurred_at
        self.last_percent = Decimal(str(last_percent))

    @property
    def average_percent(self):
        """Return the mean over all practices, zeros included, to two places."""
        if not self.practices:
            return None
        return round(self.score_total / self.practices, 2)

    @property
    def trend(self):
        """Return the latest scores, oldest first."""
        return [percent for _, percent in self.recent]

    @property
    def estimated_band(self):
        """Return the mean of the bands of full tests, in halves; None without one."""
        return mean_band(self.band_total, self.bands)
