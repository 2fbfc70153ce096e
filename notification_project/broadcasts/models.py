"""Broadcasts with their progress, and who takes which course."""

from django.db import models
from django.utils import timezone

from notification_project.notices.models import Notice, Reader
from shared.wire.ids import uuid7


class CourseMember(models.Model):
    """A person takes a course, as course-service told when they enrolled."""

    course_id = models.UUIDField(editable=False)
    user_id = models.UUIDField(editable=False)
    enrolled_at = models.DateTimeField()

    class Meta:
        ordering = ["-enrolled_at", "-id"]
        indexes = [
            models.Index(fields=["-enrolled_at", "-id"], name="members_newest"),
            models.Index(fields=["user_id"], name="members_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["course_id", "user_id"], name="members_one_per_course"
            )
        ]

    def __str__(self):
        return f"{self.user_id} in {self.course_id}"


class BroadcastQuerySet(models.QuerySet):
    def open(self):
        """Broadcasts with somebody left to tell, the oldest first."""
        states = [Broadcast.State.PENDING, Broadcast.State.SENDING]
        return self.filter(state__in=states).order_by("created_at", "id")


class Broadcast(models.Model):
    """One text for many people, who are told in the order of their ids.

    ``cursor`` is the last of them who was told: whoever goes on begins after it.
    """

    class Audience(models.TextChoices):
        ALL = "all"
        ROLE = "role"
        COURSE = "course"

    class Role(models.TextChoices):
        STUDENT = "student"
        INSTRUCTOR = "instructor"
        ADMIN = "admin"

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    audience = models.CharField(max_length=10, choices=Audience)
    role = models.CharField(
        max_length=20, choices=Role, blank=True, help_text="Of the audience “role”."
    )
    course_id = models.UUIDField(
        "course id",
        null=True,
        blank=True,
        help_text="Of the audience “course”: those whose enrolment is known here.",
    )
    type = models.CharField(max_length=20, choices=Notice.Type)
    category = models.CharField(
        max_length=10, choices=Notice.Category, default=Notice.Category.INFO
    )
    title = models.CharField(max_length=200)
    message = models.TextField(max_length=4000)
    action_kind = models.CharField(max_length=10, choices=Notice.ActionKind, blank=True)
    action_target = models.CharField(
        max_length=200, blank=True, help_text="An id, or the address of a url."
    )
    state = models.CharField(
        max_length=10, choices=State, default=State.PENDING, editable=False
    )
    total = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counted when it was made; exact at last."
    )
    sent = models.PositiveIntegerField(default=0, editable=False)
    suppressed = models.PositiveIntegerField(
        default=0, editable=False, help_text="Those who do not want this type."
    )
    cursor = models.UUIDField(null=True, blank=True, editable=False)
    created_by = models.UUIDField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_chunk_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BroadcastQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="broadcasts_newest"),
            models.Index(
                fields=["state", "-created_at", "-id"], name="broadcasts_by_state"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience="all", role="", course_id__isnull=True)
                | (
                    models.Q(audience="role", course_id__isnull=True)
                    & ~models.Q(role="")
                )
                | models.Q(audience="course", role="", course_id__isnull=False),
                name="broadcasts_audience_is_named",
                violation_error_message="Name the role of the audience “role”, the "
                "course id of “course”, and nothing else.",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        """Say whether somebody may be left to tell."""
        return self.state in {self.State.PENDING, self.State.SENDING}

    @property
    def action(self):
        """Return where its notices lead, None when they lead nowhere."""
        if not self.action_kind:
            return None
        return {"kind": self.action_kind, "target": self.action_target}

    def people(self):
        """Return the ids of its audience, in the order in which they are told."""
        if self.audience == self.Audience.COURSE:
            rows = CourseMember.objects.filter(course_id=self.course_id)
        elif self.audience == self.Audience.ROLE:
            rows = Reader.objects.filter(role=self.role)
        else:
            rows = Reader.objects.all()
        return rows.order_by("user_id").values_list("user_id", flat=True)

    def people_left(self):
        """Return the ids of those who come after the cursor."""
        if self.cursor is None:
            return self.people()
        return self.people().filter(user_id__gt=self.cursor)

    def take_chunk(self, user_ids, *, sent, is_last, at):
        """Count a chunk, and remember up to whom everybody was told."""
        self.state = self.State.SENDING
        self.sent += sent
        self.suppressed += len(user_ids) - sent
        self.last_chunk_at = at
        if user_ids:
            self.cursor = user_ids[-1]
        if is_last:
            self.state = self.State.COMPLETED
            self.total = self.sent + self.suppressed
            self.finished_at = at
