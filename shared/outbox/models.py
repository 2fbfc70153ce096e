"""Messages that must arrive, the lanes that order them, the destinations they go to."""

from django.db import models
from django.db.models.functions import Now

from shared.wire.ids import uuid7


class OutboxMessageQuerySet(models.QuerySet):
    """Selects messages by what became of them."""

    def pending(self):
        """Messages that are still to be delivered."""
        return self.filter(state=OutboxMessage.State.PENDING)

    def dead(self):
        """Messages that were given up on and wait for a person."""
        return self.filter(state=OutboxMessage.State.DEAD)

    def open(self):
        """Messages that are not settled for good: pending ones and dead letters."""
        states = [OutboxMessage.State.PENDING, OutboxMessage.State.DEAD]
        return self.filter(state__in=states)


class OutboxMessage(models.Model):
    """One message to one destination, written in the transaction it reports."""

    class Kind(models.TextChoices):
        CALL = "call"
        EVENT = "event"

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        DEAD = "dead", "dead letter"
        CANCELLED = "cancelled"

    position = models.BigAutoField(
        primary_key=True, help_text="Order of sending within a lane."
    )
    id = models.UUIDField(
        unique=True,
        default=uuid7,
        editable=False,
        help_text="Idempotency key: the receiver acts once per key.",
    )
    kind = models.CharField(max_length=10, choices=Kind)
    type = models.CharField(
        max_length=200, help_text="Method and route of the endpoint, or the event type."
    )
    destination = models.CharField(max_length=50, help_text="The peer it goes to.")
    ordering_key = models.CharField(
        max_length=100, help_text="Messages with the same key arrive in order."
    )
    lane = models.PositiveSmallIntegerField(editable=False)
    payload = models.TextField(help_text="JSON.")
    on_behalf_of = models.UUIDField(null=True, blank=True)
    traceparent = models.CharField(max_length=55, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    queued_at = models.DateTimeField(
        db_default=Now(),
        help_text="When it was written or last redelivered; given up 7 days later.",
    )
    not_before = models.DateTimeField(
        db_default=Now(), help_text="Not sent before this time."
    )
    attempts = models.PositiveIntegerField(
        default=0, help_text="Times the peer had it and failed."
    )
    deferrals = models.PositiveIntegerField(
        default=0, help_text="Times it waited because the peer was away."
    )
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=50, blank=True)
    last_error = models.TextField(blank=True)
    happened = models.CharField(
        "may it have happened?",
        max_length=10,
        blank=True,
        help_text="Whether the effect may exist at the peer after the last failure.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why it is dead or cancelled."
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    copy_of = models.UUIDField(
        null=True, blank=True, help_text="The dead letter that this one replaces."
    )

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        verbose_name = "outbox message"
        indexes = [
            models.Index(
                fields=["destination", "lane", "not_before"],
                condition=models.Q(state="pending"),
                name="outbox_due",
            ),
            models.Index(
                fields=["destination", "lane", "position"],
                condition=models.Q(state="pending"),
                name="outbox_in_order",
            ),
            models.Index(
                fields=["destination", "lane", "ordering_key", "position"],
                condition=models.Q(state="pending"),
                name="outbox_by_key",
            ),
            models.Index(
                fields=["destination", "created_at"],
                condition=models.Q(state="pending"),
                name="outbox_oldest",
            ),
            models.Index(
                fields=["settled_at"],
                condition=models.Q(state="delivered"),
                name="outbox_delivered",
            ),
            models.Index(
                fields=["destination", "settled_at"],
                condition=models.Q(state="dead"),
                name="outbox_dead",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "delivered"])
                | ~models.Q(reason=""),
                name="outbox_end_has_a_reason",
            )
        ]

    def __str__(self):
        return f"{self.type} to {self.destination} ({self.id})"


class Destination(models.Model):
    """A peer that messages go to, as the relay sees it."""

    class State(models.TextChoices):
        UP = "up"
        AWAY = "away"

    name = models.CharField(max_length=50, primary_key=True)
    state = models.CharField(max_length=10, choices=State, default=State.UP)
    since = models.DateTimeField(db_default=Now(), help_text="Since when it is so.")
    next_probe_at = models.DateTimeField(
        null=True, blank=True, help_text="While away: when one message is tried."
    )
    last_outcome = models.CharField(max_length=50, blank=True)
    last_error = models.TextField(blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    is_paused = models.BooleanField("paused", default=False)
    pause_reason = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class LaneQuerySet(models.QuerySet):
    """Selects lanes by who works on them."""

    def free(self, now):
        """Lanes that no relay works on: never leased, given back, or outlived."""
        return self.filter(models.Q(leased_until=None) | models.Q(leased_until__lt=now))


class Lane(models.Model):
    """The unit of order and of leasing: one relay works on a lane at a time."""

    destination = models.ForeignKey(
        Destination, on_delete=models.CASCADE, related_name="lanes"
    )
    number = models.PositiveSmallIntegerField()
    token = models.BigIntegerField(
        default=0, help_text="Raised at each claim; an older claim settles nothing."
    )
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=100, blank=True)
    served_at = models.DateTimeField(db_default=Now())

    objects = LaneQuerySet.as_manager()

    class Meta:
        ordering = ["destination", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "number"], name="outbox_one_row_per_lane"
            )
        ]

    def __str__(self):
        return f"{self.destination_id}/{self.number}"
