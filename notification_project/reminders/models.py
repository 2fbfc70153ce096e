"""Reminders, and when they come next."""

from django.db import models

from shared.wire.ids import uuid7

from .recurrence import Recurrence


class ReminderQuerySet(models.QuerySet):
    def of_reader(self, user_id):
        """Reminders of one person."""
        return self.filter(user_id=user_id)

    def due(self, at):
        """Reminders that should have come by this moment, the oldest first."""
        return self.filter(next_due_at__lte=at).order_by("next_due_at", "id")


class Reminder(models.Model):
    """A person wants to be reminded, on some weekdays at a local time.

    ``timezone`` is the reader's, which ``next_due_at`` was computed in.
    """

    class Outcome(models.TextChoices):
        SENT = "sent"
        SUPPRESSED = "suppressed"
        MISSED = "missed"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField(editable=False)
    weekdays = models.JSONField()
    local_time = models.TimeField()
    timezone = models.CharField(max_length=64)
    title = models.CharField(
        max_length=200, blank=True, help_text="Empty: the text of the platform."
    )
    message = models.TextField(max_length=1000, blank=True)
    is_enabled = models.BooleanField(default=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    last_due_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(
        max_length=10,
        choices=Outcome,
        blank=True,
        help_text="Missed: the worker was away for too long.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["user_id", "created_at", "id"], name="reminders_of_reader"
            ),
            models.Index(
                fields=["next_due_at", "id"],
                condition=models.Q(next_due_at__isnull=False),
                name="reminders_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_enabled=True, next_due_at__isnull=False)
                | models.Q(is_enabled=False, next_due_at__isnull=True),
                name="reminders_due_when_enabled",
            ),
            models.CheckConstraint(
                condition=models.Q(message="") | ~models.Q(title=""),
                name="reminders_message_has_title",
            ),
        ]

    def __str__(self):
        return f"{self.local_time:%H:%M} for {self.user_id}"

    @property
    def recurrence(self):
        """Return the rule of when it comes."""
        return Recurrence(frozenset(self.weekdays), self.local_time, self.timezone)

    def schedule(self, at):
        """Come next after this moment, or not at all while it is off."""
        self.next_due_at = self.recurrence.next_after(at) if self.is_enabled else None

    def due_until(self, at):
        """Return the last time at which it was due, of all that have passed."""
        return max(self.next_due_at, self.recurrence.latest_until(at))

    def settle(self, *, due_at, outcome, at):
        """Keep what became of an occurrence, and come next after this moment."""
        self.last_due_at = due_at
        self.last_outcome = outcome
        self.schedule(at)
