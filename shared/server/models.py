"""What every service remembers of access that ended before its tokens did."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

# By then no token is accepted that was (REFRESH_SECONDS of revocation.py), and what was
# under way at the erasure has ended.
FIRST_SWEEP = timedelta(seconds=10)
LAST_SWEEPS = timedelta(minutes=10)


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


class ErasedPersonQuerySet(models.QuerySet):
    """Selects erased people by what is still to be done."""

    def due(self, at):
        """People whose traces are to be looked for at this moment."""
        return self.filter(sweep_at__lte=at)


class ErasedPerson(models.Model):
    """An account that was erased: its id, so that nothing late brings it back.

    Rows stay. With the account gone everywhere, the id leads to nobody.
    """

    user_id = models.UUIDField(primary_key=True, editable=False)
    erased_at = models.DateTimeField()
    sweep_at = models.DateTimeField(
        null=True, blank=True, help_text="When traces are looked for; empty: none left."
    )
    sweeps = models.PositiveIntegerField(default=0)

    objects = ErasedPersonQuerySet.as_manager()

    class Meta:
        ordering = ["-erased_at"]
        verbose_name = "erased person"
        verbose_name_plural = "erased people"
        indexes = [
            models.Index(fields=["-erased_at"], name="server_erased_newest"),
            models.Index(
                fields=["sweep_at"],
                condition=models.Q(sweep_at__isnull=False),
                name="server_erased_to_sweep",
            ),
        ]

    def __str__(self):
        return str(self.user_id)

    def settle_sweep(self, *, is_clean, at):
        """Note a sweep; one that left something is followed by another, ever later."""
        self.sweeps += 1
        wait = min(FIRST_SWEEP * 2 ** min(self.sweeps, 10), LAST_SWEEPS)
        self.sweep_at = None if is_clean else at + wait
        self.save(update_fields=["sweep_at", "sweeps"])
