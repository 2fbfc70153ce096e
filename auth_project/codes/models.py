"""Codes that people get by mail, to show that an address is theirs."""

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7


class CodeQuerySet(models.QuerySet):
    def usable(self, *, now, most_tries):
        """Codes that may be tried once more."""
        return self.filter(used_at=None, expires_at__gt=now, tries__lt=most_tries)

    def unsent(self, *, now):
        """Codes whose mail is still to be sent."""
        return self.filter(sent_at=None, account__isnull=False, expires_at__gt=now)

    def to_send(self, *, now):
        """Codes whose mail is due."""
        return self.unsent(now=now).filter(send_at__lte=now)

    def forget(self, *, email, sealed):
        """Let the codes of an erased account be nobody's, under another name."""
        return self.filter(email=email).update(email=sealed, account=None)


class Code(models.Model):
    """One code for one account and one purpose; the code itself is stored nowhere.

    It is a keyed hash of the id. The row of an address that nobody has is made and
    tried like any other, so that neither an answer nor its time tells them apart.
    """

    class Purpose(models.TextChoices):
        PASSWORD_RESET = "password_reset"  # noqa: S105 - a purpose, not a password
        EMAIL_VERIFICATION = "email_verification"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose)
    email = models.CharField(max_length=254, help_text="As it was asked for.")
    account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.CASCADE,
        null=True,
        related_name="codes",
        help_text="None: nobody who may sign in has this address.",
    )
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    send_at = models.DateTimeField(help_text="When its mail is tried, or tried again.")
    sent_at = models.DateTimeField(null=True)

    objects = CodeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["email", "purpose", "-created_at"], name="code_of_address"
            ),
            models.Index(
                fields=["send_at"],
                condition=models.Q(sent_at=None, account__isnull=False),
                name="code_to_send",
            ),
            models.Index(fields=["created_at"], name="code_by_age"),
        ]

    def __str__(self):
        return f"{self.purpose} of {self.email}"
