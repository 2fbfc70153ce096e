"""Submissions for people to mark, and the courses whose instructors mark them."""

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7

from .criteria import criteria_of


class TaughtCourse(models.Model):
    """Who teaches a course, as course-service told when it was published."""

    course_id = models.UUIDField(primary_key=True, editable=False)
    instructor_id = models.UUIDField(editable=False)
    title = models.CharField(max_length=200)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-published_at"]

    def __str__(self):
        return self.title


class SubmissionQuerySet(models.QuerySet):
    def markable_by(self, user):
        """Submissions that *user* may mark: to their courses, for admins all.

        Nobody marks their own.
        """
        others = self.exclude(user_id=user.id)
        if user.role == "admin":
            return others
        if user.role == "instructor":
            return others.filter(course__instructor_id=user.id)
        return self.none()

    def unmarked(self):
        """Submissions that wait for their bands."""
        return self.filter(state=Submission.State.SUBMITTED)

    def marked(self):
        """Submissions that have their bands."""
        return self.filter(marked_at__isnull=False)

    def visible_to(self, user):
        """Submissions that *user* made or may mark."""
        markable = Submission.objects.markable_by(user).values("pk")
        return self.filter(models.Q(user_id=user.id) | models.Q(pk__in=markable))


class Submission(models.Model):
    """A text or a recording; with bands once somebody has marked it."""

    class Skill(models.TextChoices):
        WRITING = "writing"
        SPEAKING = "speaking"

    class Task(models.TextChoices):
        TASK_1 = "task_1"
        TASK_2 = "task_2"

    class State(models.TextChoices):
        SUBMITTED = "submitted"
        MARKED = "marked"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField(editable=False)
    course = models.ForeignKey(
        TaughtCourse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        help_text="Whose instructor marks it; without one, an admin does.",
    )
    skill = models.CharField(max_length=20, choices=Skill)
    task = models.CharField(
        max_length=10, choices=Task, blank=True, help_text="Of writing only."
    )
    title = models.CharField(max_length=200)
    prompt = models.TextField(max_length=4000, blank=True)
    text = models.TextField(max_length=20_000, blank=True)
    recording_url = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.SUBMITTED)
    criteria = models.JSONField(default=dict, blank=True)
    band = models.DecimalField(max_digits=2, decimal_places=1, null=True, blank=True)
    feedback = models.TextField(max_length=10_000, blank=True)
    marked_by = models.UUIDField(null=True, blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    marked_at = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-submitted_at", "-id"],
                name="submissions_of_learner",
            ),
            models.Index(
                fields=["state", "-submitted_at", "-id"], name="submissions_to_mark"
            ),
            models.Index(fields=["-submitted_at", "-id"], name="submissions_newest"),
            models.Index(
                fields=["marked_at"],
                condition=models.Q(marked_at__isnull=False),
                name="submissions_by_marking",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="marked")
                | models.Q(
                    band__isnull=False,
                    marked_by__isnull=False,
                    marked_at__isnull=False,
                ),
                name="submissions_marked_has_band",
            ),
            models.CheckConstraint(
                condition=models.Q(skill="speaking", task="")
                | models.Q(skill="writing", task__in=["task_1", "task_2"]),
                name="submissions_task_of_writing",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_marked(self):
        """Say whether it has its bands."""
        return self.state == self.State.MARKED

    @property
    def criterion_names(self):
        """Return the names of the four criteria."""
        return criteria_of(self.skill, self.task)

    @property
    def word_count(self):
        """Return how many words the text has."""
        return len(self.text.split())
