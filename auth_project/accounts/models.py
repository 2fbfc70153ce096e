"""Accounts, applications to teach, and attempts to sign in."""

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shared.wire.ids import uuid7


class AccountQuerySet(models.QuerySet):
    def enabled(self):
        """Accounts that may sign in."""
        return self.filter(disabled_at=None)


class Account(models.Model):
    """A person of the platform; the id is the user id in every service."""

    class Role(models.TextChoices):
        STUDENT = "student"
        INSTRUCTOR = "instructor"
        ADMIN = "admin"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, help_text="Normalised: lower case.")
    password_hash = models.CharField(max_length=256, editable=False)
    full_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.STUDENT)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="account_email_unique_ignoring_case"
            )
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="account_newest")]

    def __str__(self):
        return self.email

    @property
    def credential(self):
        """A stamp that changes with the password, and tells nothing about it."""
        salt = "auth_project.accounts.credential"
        mac = salted_hmac(salt, self.password_hash, algorithm="sha256")
        return mac.hexdigest()[:32]

    @property
    def is_enabled(self):
        """May this person sign in?"""
        return self.disabled_at is None

    @property
    def email_verified(self):
        """Has this person shown that the address is theirs?"""
        return self.email_verified_at is not None


class InstructorApplicationQuerySet(models.QuerySet):
    def pending(self):
        """Applications that wait for a decision."""
        return self.filter(state=InstructorApplication.State.PENDING)


class InstructorApplication(models.Model):
    """A student asks to become an instructor; an admin decides."""

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="instructor_applications"
    )
    statement = models.TextField(
        max_length=4000, blank=True, help_text="Why this person wants to teach."
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why it was rejected."
    )
    decided_by = models.UUIDField(
        null=True, blank=True, help_text="User id of the admin."
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = InstructorApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(state="pending"),
                name="application_one_pending_per_account",
            )
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="application_by_state")
        ]

    def __str__(self):
        return f"{self.account} ({self.state})"


class SignInAttemptQuerySet(models.QuerySet):
    def counted(self, *, since):
        """Attempts after *since* that take a slot: failed, or not decided yet."""
        return self.filter(created_at__gt=since).exclude(
            outcome=SignInAttempt.Outcome.SUCCEEDED
        )


class SignInAttempt(models.Model):
    """A slot of the sign-in throttle, taken before the password is looked at.

    A crash leaves the slot pending; it counts as a failure until the window has passed.
    """

    class Outcome(models.TextChoices):
        PENDING = "pending"
        FAILED = "failed"
        SUCCEEDED = "succeeded"

    email = models.CharField(
        max_length=254, help_text="As it was tried; there may be no such account."
    )
    address = models.CharField(
        max_length=45, blank=True, help_text="Of the client; for IPv6 its /64."
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PENDING)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SignInAttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "sign-in attempt"
        indexes = [
            models.Index(fields=["email", "created_at"], name="attempt_by_account"),
            models.Index(fields=["address", "created_at"], name="attempt_by_address"),
            models.Index(fields=["created_at"], name="attempt_by_age"),
        ]

    def __str__(self):
        return f"{self.email}: {self.outcome}"
