"""Goals: a number of lessons, exercises or minutes within some days."""

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7
from user_project.progress.models import StudyDay


class GoalQuerySet(models.QuerySet):
    def of_learner(self, user_id):
        """Goals of one person."""
        return self.filter(user_id=user_id)

    def covering(self, day):
        """Goals that study on *day* counts for."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def not_over(self, today):
        """Goals whose last day is *today* or later, completed or not."""
        return self.filter(ends_on__gte=today)

    def overdue(self, day):
        """Goals that stand as active, and ended before *day*."""
        return self.filter(state=Goal.State.ACTIVE, ends_on__lt=day)

    def as_of(self, today):
        """Add the ``status`` that each has on *today*, its owner's calendar day.

        A goal past its end reads expired, also before the worker has come by.
        """
        return self.annotate(
            status=models.Case(
                models.When(
                    state=Goal.State.ACTIVE,
                    ends_on__lt=today,
                    then=models.Value(Goal.State.EXPIRED.value),
                ),
                default=models.F("state"),
                output_field=models.CharField(),
            )
        )


class Goal(models.Model):
    """What a learner wants to do within some days; study on these days moves it."""

    class Unit(models.TextChoices):
        LESSONS = "lessons"
        EXERCISES = "exercises"
        MINUTES = "minutes"

    class Period(models.TextChoices):
        DAILY = "daily"
        WEEKLY = "weekly"
        MONTHLY = "monthly"
        CUSTOM = "custom"

    class State(models.TextChoices):
        ACTIVE = "active"
        COMPLETED = "completed"
        EXPIRED = "expired"

    # What of a study day each unit counts.
    COUNTED = {
        Unit.LESSONS: "lessons_completed",
        Unit.EXERCISES: "exercises_completed",
        Unit.MINUTES: "study_minutes",
    }

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField(editable=False)
    title = models.CharField(max_length=200)
    unit = models.CharField(max_length=20, choices=Unit)
    target = models.PositiveIntegerField()
    period = models.CharField(max_length=20, choices=Period)
    starts_on = models.DateField()
    ends_on = models.DateField()
    current = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=20, choices=State, default=State.ACTIVE)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-created_at", "-id"], name="goals_of_learner"
            ),
            models.Index(fields=["user_id", "ends_on"], name="goals_by_end"),
            models.Index(fields=["state", "ends_on"], name="goals_to_expire"),
            models.Index(fields=["-created_at", "-id"], name="goals_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target__gte=1), name="goals_target_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="goals_end_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(state="completed", completed_at__isnull=False)
                | (~models.Q(state="completed") & models.Q(completed_at__isnull=True)),
                name="goals_completed_has_time",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_completed(self):
        """Say whether it was reached, which stays."""
        return self.state == self.State.COMPLETED

    def add(self, increments):
        """Move by what a day of the goal has gained; say whether that moves it."""
        gained = increments[self.COUNTED[self.unit]]
        self.current += gained
        return bool(gained)

    def recount(self):
        """Count all study on the days of the goal; the learner's progress is locked."""
        days = StudyDay.objects.filter(
            user_id=self.user_id, day__range=(self.starts_on, self.ends_on)
        )
        total = days.aggregate(total=models.Sum(self.COUNTED[self.unit]))["total"]
        self.current = total or 0

    def complete_if_reached(self, moment):
        """Complete it once; say whether that was now."""
        if self.is_completed or self.current < self.target:
            return False
        self.state = self.State.COMPLETED
        self.completed_at = moment
        return True
