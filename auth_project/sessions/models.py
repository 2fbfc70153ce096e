"""Devices that are signed in, and the refresh tokens that keep them so."""

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7


class SessionQuerySet(models.QuerySet):
    def live(self, *, now):
        """Sessions that can still be refreshed."""
        return self.filter(ended_at=None, expires_at__gt=now)


class Session(models.Model):
    """One device of a person, from sign-in to its end: the family of its tokens."""

    class EndReason(models.TextChoices):
        SIGNED_OUT = "signed_out"
        ENDED_BY_USER = "ended_by_user", "ended from another device"
        ENDED_BY_OPERATOR = "ended_by_operator"
        PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
        ACCOUNT_DISABLED = "account_disabled"
        TOKEN_REUSED = "token_reused", "a used refresh token came back"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="sessions"
    )
    user_agent = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=45, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(
        default=timezone.now, help_text="Sign-in or last refresh."
    )
    expires_at = models.DateTimeField(help_text="When its newest token expires.")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, choices=EndReason, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(end_reason="")),
                name="session_end_has_a_reason",
            )
        ]
        indexes = [
            models.Index(
                fields=["account", "-last_used_at"], name="session_of_account"
            ),
            models.Index(fields=["-last_used_at", "-id"], name="session_newest"),
            models.Index(fields=["expires_at"], name="session_by_expiry"),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(ended_at=None),
                name="session_live",
            ),
        ]

    def __str__(self):
        return f"{self.account_id} {self.user_agent[:40]}".strip()

    def is_live(self, now):
        """Can this session still be refreshed?"""
        return self.ended_at is None and self.expires_at > now


class RefreshToken(models.Model):
    """A token that may be exchanged once for the next; only its SHA-256 is kept."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="refresh_tokens"
    )
    parent = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="successor",
        help_text="The token that was exchanged for this one: it has one successor.",
    )
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"refresh token {self.pk}"
