"""What opens a stream, and how far the notices have been put in order."""

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7


class TicketQuerySet(models.QuerySet):
    def valid(self, *, digest, now):
        """The ticket with this digest, if it may still be used."""
        return self.filter(digest=digest, used_at__isnull=True, expires_at__gt=now)


class Ticket(models.Model):
    """Opens one stream of one person, once and soon; the ticket itself is not stored.

    For a browser's EventSource, which can send no header.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    user_id = models.UUIDField()
    session_id = models.UUIDField(null=True)
    token_issued_at = models.DateTimeField(
        help_text="Of the access token it was asked for with: who ends that, ends this."
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at"], name="ticket_by_age")]

    def __str__(self):
        return f"ticket of {self.user_id}"


class LastPosition(models.Model):
    """The newest position of a notice: one row, locked by who gives the next ones.

    The lock is held until they are committed. So whoever sees a position sees all
    below it, which no sequence of a database promises.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1), name="streams_one_last_position"
            )
        ]

    def __str__(self):
        return str(self.value)
