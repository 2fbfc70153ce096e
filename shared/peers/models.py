"""Peers of this service, and the keys with which they may call it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from .policy import Policy, PolicyError, read_instances


class PeerService(models.Model):
    """How this service calls one peer; an empty field means the default."""

    class BreakerMode(models.TextChoices):
        AUTO = "auto", "automatic"
        FORCED_OPEN = "forced_open", "forced open: every call is refused"
        DISABLED = "disabled", "disabled: every call goes out"

    name = models.CharField(
        max_length=50, unique=True, help_text="The peer's name, as in the contracts."
    )
    instances = models.TextField(
        blank=True,
        help_text="Addresses, one per line. Empty: what the environment says.",
    )
    connect_timeout_seconds = models.FloatField(
        null=True, blank=True, help_text="Longest wait for a connection."
    )
    attempt_timeout_seconds = models.FloatField(
        null=True, blank=True, help_text="Longest wait for one answer."
    )
    total_timeout_seconds = models.FloatField(
        null=True, blank=True, help_text="Deadline of a call with all its attempts."
    )
    max_attempts = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Attempts of one call, at most 5."
    )
    bulkhead_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Calls in flight per process."
    )
    breaker_window_seconds = models.FloatField(
        null=True, blank=True, help_text="At least twice the attempt timeout."
    )
    breaker_minimum_calls = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Calls in the window before the rate counts."
    )
    breaker_failure_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Failure rate that opens the breaker."
    )
    breaker_failures_in_a_row = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Failures in a row that open the breaker."
    )
    breaker_open_seconds = models.FloatField(
        null=True, blank=True, help_text="How long it stays open before probes."
    )
    breaker_mode = models.CharField(
        max_length=20, choices=BreakerMode, default=BreakerMode.AUTO
    )
    breaker_reason = models.CharField(
        max_length=200,
        blank=True,
        help_text="Why the breaker is not automatic; shown to every operator.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    POLICY_FIELDS = (
        "connect_timeout_seconds",
        "attempt_timeout_seconds",
        "total_timeout_seconds",
        "max_attempts",
        "bulkhead_limit",
        "breaker_window_seconds",
        "breaker_minimum_calls",
        "breaker_failure_percent",
        "breaker_failures_in_a_row",
        "breaker_open_seconds",
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "peer"

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse what the client would refuse: the same code decides."""
        try:
            self.policy()
            read_instances(self.instances)
        except PolicyError as error:
            raise ValidationError(str(error)) from error
        if self.breaker_mode != self.BreakerMode.AUTO and not self.breaker_reason:
            raise ValidationError({"breaker_reason": "Say why, for the next operator."})

    def policy(self):
        """Return the policy of this row; raises PolicyError when it is not sound."""
        given = {name: getattr(self, name) for name in self.POLICY_FIELDS}
        return Policy(
            **{name: value for name, value in given.items() if value is not None},
            breaker_mode=self.breaker_mode,
        )


class InternalAPIKeyQuerySet(models.QuerySet):
    """Selects keys by whether they open the door."""

    def valid(self):
        """Keys that are accepted now, by the database's clock."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=Now()),
            models.Q(not_before=None) | models.Q(not_before__lte=Now()),
        ).exclude(state=InternalAPIKey.State.REVOKED)


class InternalAPIKey(models.Model):
    """A key that this service accepts; only the SHA-256 of it is kept."""

    class State(models.TextChoices):
        ACTIVE = "active"
        RETIRING = "retiring", "retiring: still accepted, being replaced"
        REVOKED = "revoked"

    key_id = models.CharField(max_length=32, unique=True)
    caller = models.CharField(max_length=50, help_text="The service that holds it.")
    digest = models.CharField(max_length=64, editable=False)
    state = models.CharField(max_length=20, choices=State, default=State.ACTIVE)
    note = models.CharField(max_length=200, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InternalAPIKeyQuerySet.as_manager()

    class Meta:
        ordering = ["caller", "-created_at"]
        verbose_name = "internal key"

    def __str__(self):
        return f"{self.caller} {self.key_id}"
