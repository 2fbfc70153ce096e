"""The log of what was sent to people outside of the app, and of what waits for it."""

from django.db import models
from django.utils import timezone

from notification_project.notices.models import Notice, Preference, Reader
from shared.wire.ids import uuid7

MOST_ATTEMPTS = 12


class DeliveryQuerySet(models.QuerySet):
    def pending(self):
        """Deliveries that are still to be made."""
        return self.filter(state=Delivery.State.PENDING)

    def due(self, now):
        """Deliveries to make now: of readers whose address is known."""
        return self.pending().filter(
            self._has_address(), not_before__lte=now, attempts__lt=MOST_ATTEMPTS
        )

    def without_address(self):
        """Deliveries that no address is known for."""
        return self.filter(~self._has_address())

    def ended_unsent(self):
        """Deliveries that were given up, or not wanted any more."""
        return self.filter(state__in=[Delivery.State.FAILED, Delivery.State.SUPPRESSED])

    def failed(self):
        """Deliveries that were given up."""
        return self.filter(state=Delivery.State.FAILED)

    @staticmethod
    def _has_address():
        known = Reader.objects.filter(user_id=models.OuterRef("user_id"))
        return models.Exists(known.exclude(email=""))


class Delivery(models.Model):
    """One notice by one channel; its id makes the Message-ID of the mail."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"
        SUPPRESSED = "suppressed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(
        Notice, on_delete=models.CASCADE, related_name="deliveries"
    )
    user_id = models.UUIDField()
    channel = models.CharField(max_length=10, choices=Preference.Channel)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Counted before each: one that was cut off counts."
    )
    not_before = models.DateTimeField(
        help_text="Not sent before this time; while one is sending it, its lease."
    )
    reason = models.CharField(
        max_length=50, blank=True, help_text="Why it is failed or suppressed."
    )
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(state="pending"),
                name="delivery_due",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state="failed"),
                name="delivery_failed",
            ),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["user_id", "-created_at"], name="delivery_of_reader"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], name="delivery_one_per_channel"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "sent"])
                | ~models.Q(reason=""),
                name="delivery_end_has_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.channel} of {self.notice_id} ({self.state})"
