"""Attempts: one learner at one version of an exercise, from start to result."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from exercise_project.exercises.models import Exercise, ExerciseVersion
from shared.wire.ids import uuid7

from .analytics import Result
from .grading import whole_minutes

# An answer that was on its way when the time ended still counts.
GRACE = timedelta(seconds=30)
MOST_ANALYSED = 2_000  # read into memory at once


class AttemptQuerySet(models.QuerySet):
    def of_learner(self, user_id):
        """Attempts of one person."""
        return self.filter(user_id=user_id)

    def at_exercises_of(self, user):
        """Attempts at exercises that *user* may edit: their own, for admins all."""
        if user.role == "admin":
            return self
        return self.filter(exercise__in=Exercise.objects.editable_by(user))

    def open(self):
        """Attempts that go on, or whose end nobody has noticed."""
        return self.filter(state=Attempt.State.IN_PROGRESS)

    def overdue(self, at):
        """Open attempts whose time and grace are over."""
        return self.open().filter(closes_at__lte=at)

    def graded(self):
        """Attempts with a result, the expired ones included."""
        return self.filter(graded_at__isnull=False)

    def results_of(self, version):
        """Return the latest graded attempts at *version* as values to analyse."""
        graded = self.filter(version=version).graded().order_by("-graded_at", "-id")
        return [
            Result(
                score_percent=float(attempt.score_percent),
                minutes=attempt.minutes,
                points=attempt.points,
            )
            for attempt in graded.defer("answers")[:MOST_ANALYSED]
        ]

    def with_titles(self):
        """Attempts with exercise and version at hand, without the questions."""
        return self.select_related("exercise", "version")

    def with_questions(self):
        """Attempts with all that they ask, in a fixed number of queries."""
        return self.with_titles().prefetch_related(
            "version__sections__groups__questions"
        )


class Attempt(models.Model):
    """A learner takes a version; the server owns the time.

    What is submitted is graded in the same transaction, so no state lies between.

    ``answers`` and ``points`` have the question's id as key. ``closes_at`` is the
    deadline and the grace after it: from then on only what was saved counts.
    """

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress"
        GRADED = "graded"
        EXPIRED = "expired"
        ABANDONED = "abandoned"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField(editable=False)
    exercise = models.ForeignKey(Exercise, models.PROTECT, related_name="attempts")
    version = models.ForeignKey(
        ExerciseVersion, models.PROTECT, related_name="attempts"
    )
    state = models.CharField(max_length=20, choices=State, default=State.IN_PROGRESS)
    answers = models.JSONField(default=dict, blank=True)
    points = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(help_text="The end of the learner's time.")
    closes_at = models.DateTimeField(help_text="Deadline and grace.")
    saved_at = models.DateTimeField(
        null=True, blank=True, help_text="When answers were last saved."
    )
    finished_at = models.DateTimeField(
        null=True, blank=True, help_text="When the learner did the last thing in it."
    )
    graded_at = models.DateTimeField(null=True, blank=True)
    raw_score = models.PositiveSmallIntegerField(null=True, blank=True)
    score_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    band = models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True)
    estimated_band = models.DecimalField(
        max_digits=2, decimal_places=1, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-started_at", "-id"], name="attempts_of_learner"
            ),
            models.Index(fields=["state", "closes_at"], name="attempts_overdue"),
            models.Index(fields=["version", "graded_at"], name="attempts_of_version"),
            models.Index(fields=["-started_at", "-id"], name="attempts_newest"),
            models.Index(
                fields=["graded_at"],
                condition=models.Q(graded_at__isnull=False),
                name="attempts_by_result",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "exercise"],
                condition=models.Q(state="in_progress"),
                name="attempts_one_open_per_exercise",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["graded", "expired"])
                | models.Q(
                    graded_at__isnull=False,
                    finished_at__isnull=False,
                    raw_score__isnull=False,
                    score_percent__isnull=False,
                ),
                name="attempts_graded_has_result",
            ),
        ]

    def __str__(self):
        return f"{self.exercise_id} by {self.user_id}"

    @property
    def is_open(self):
        """Say whether answers can still be changed, if there is time."""
        return self.state == self.State.IN_PROGRESS

    @property
    def has_result(self):
        """Say whether it has been graded."""
        return self.graded_at is not None

    @property
    def minutes(self):
        """Return the active time in minutes, at most the time limit; 0 while open."""
        if self.finished_at is None:
            return 0
        return whole_minutes(min(self.finished_at, self.deadline_at) - self.started_at)

    def is_over(self, at):
        """Say whether time and grace are over at this moment."""
        return self.closes_at <= at

    def take_answers(self, answers, *, at):
        """Save answers over those saved before; null takes one back."""
        merged = {**self.answers, **answers}
        self.answers = {
            id_: value for id_, value in merged.items() if value is not None
        }
        self.saved_at = at

    def take_grade(self, grade, *, state, finished_at, at):
        """Become what the grade says, for good."""
        self.state = state
        self.points = dict(grade.points)
        self.raw_score = grade.raw_score
        self.score_percent = grade.score_percent
        self.band = grade.band
        self.estimated_band = grade.estimated_band
        self.finished_at = finished_at
        self.graded_at = at
