"""What every service remembers of access that ended before its tokens did."""

from django.db import models
from django.utils import timezone


class Revocation(models.Model):
    """Access tokens that are refused although they have not expired.

    About a user: tokens issued until ``at``. About a session: all of its tokens.
    """

    class Kind(models.TextChoices):
        USER = "user"
        SESSION = "session"

    kind = models.CharField(max_length=10, choices=Kind)
    subject = models.UUIDField(help_text="User id or session id.")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=50)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="server_one_revocation_per_subject"
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.subject}: {self.reason}"
