"""The keys of requests and events that were handled, with their answers."""

from django.db import models


class InboxRecord(models.Model):
    """One handled call or event; written in the transaction of its effect."""

    caller = models.CharField(max_length=50)
    scope = models.CharField(
        max_length=200, help_text="Method and path, or the event type."
    )
    key = models.UUIDField(help_text="The sender's idempotency key.")
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of method, path, query and body."
    )
    status = models.PositiveSmallIntegerField()
    answer = models.TextField(blank=True)
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "inbox record"
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "scope", "key"], name="inbox_one_effect_per_key"
            )
        ]

    def __str__(self):
        return f"{self.caller} {self.scope} {self.key}"
