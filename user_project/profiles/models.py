"""Profiles: one row per person, known by the platform's user id."""

from datetime import time, timedelta

from django.db import models
from django.utils.timezone import now

from .zones import DEFAULT_ZONE, next_moment_at

EVENING = time(19)


class ProfileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Profiles that *user* may open: public ones, their own, all for admins."""
        if user.role == "admin":
            return self
        return self.filter(
            models.Q(visibility=Profile.Visibility.PUBLIC) | models.Q(user_id=user.id)
        )

    def of_account(self, *, user_id, **claims):
        """Return the profile, or an unsaved one that says what the token says."""
        return self.filter(user_id=user_id).first() or Profile(
            user_id=user_id,
            created_at=None,
            updated_at=None,
            **Profile.first_values(**claims),
        )

    def unregistered(self):
        """Profiles that only their owner has edited: auth's call is on its way."""
        return self.filter(registered_at=None)

    def with_role_before(self, moment):
        """Profiles whose role is older news than *moment*."""
        return self.filter(
            models.Q(role_changed_at__isnull=True)
            | models.Q(role_changed_at__lt=moment)
        )

    def with_reminder_due(self, moment):
        """Profiles whose owner wants to be reminded of study by now."""
        return self.filter(study_reminder_due_at__lte=moment)

    def zone_of(self, user_id):
        """Return the name of a learner's zone, also before the profile has arrived."""
        zone = self.filter(user_id=user_id).values_list("timezone", flat=True).first()
        return zone or DEFAULT_ZONE

    def locale_of(self, user_id):
        """Return a learner's language, also before the profile has arrived."""
        locale = self.filter(user_id=user_id).values_list("locale", flat=True).first()
        return locale or Profile.Locale.EN


class Profile(models.Model):
    """What a person says about themselves; e-mail and role are auth's facts."""

    class Locale(models.TextChoices):
        EN = "en", "English"
        VI = "vi", "Tiếng Việt"

    class Level(models.TextChoices):
        BEGINNER = "beginner"
        ELEMENTARY = "elementary"
        PRE_INTERMEDIATE = "pre_intermediate"
        INTERMEDIATE = "intermediate"
        UPPER_INTERMEDIATE = "upper_intermediate"
        ADVANCED = "advanced"

    class Visibility(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"

    user_id = models.UUIDField(primary_key=True, editable=False)
    email = models.EmailField()
    role = models.CharField(max_length=20)
    full_name = models.CharField(max_length=200, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    bio = models.TextField(blank=True)
    avatar_url = models.CharField(max_length=500, blank=True)
    timezone = models.CharField(
        max_length=64, default=DEFAULT_ZONE, help_text="IANA name."
    )
    locale = models.CharField(max_length=5, choices=Locale, default=Locale.EN)
    level = models.CharField(max_length=20, choices=Level, blank=True)
    target_band = models.DecimalField(
        max_digits=2, decimal_places=1, null=True, blank=True
    )
    target_exam_date = models.DateField(null=True, blank=True)
    visibility = models.CharField(
        max_length=10, choices=Visibility, default=Visibility.PUBLIC
    )
    study_reminders = models.BooleanField(
        default=False, help_text="Remind on days without study."
    )
    study_reminder_time = models.TimeField(
        default=EVENING, help_text="In the owner's zone."
    )
    study_reminder_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    registered_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When auth's call arrived; empty while only its owner has edited it.",
    )
    role_changed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["-created_at"], name="profiles_newest"),
            models.Index(fields=["email"], name="profiles_by_email"),
            models.Index(
                fields=["study_reminder_due_at"],
                condition=models.Q(study_reminder_due_at__isnull=False),
                name="profiles_reminder_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target_band__isnull=True)
                | models.Q(target_band__gte=0, target_band__lte=9),
                name="profiles_band_0_to_9",
            )
        ]

    def __str__(self):
        return f"{self.display_name or self.full_name} ({self.user_id})"

    @staticmethod
    def first_values(*, email, role, full_name):
        """Return what a new profile starts with, from auth's call or from a token."""
        return {
            "email": email,
            "role": role,
            "full_name": full_name,
            "display_name": full_name,
        }

    def announced(self):
        """Return the values that other services keep a copy of."""
        return {
            "display_name": self.display_name,
            "locale": str(self.locale),
            "timezone": self.timezone,
            "visibility": str(self.visibility),
        }

    def register(self, *, email, role, full_name, target_band, at):
        """Take auth's facts into a profile that its owner edited first."""
        self.email = email
        if self.role_changed_at is None:
            self.role = role
        self.full_name = self.full_name or full_name
        self.display_name = self.display_name or full_name
        if self.target_band is None:
            self.target_band = target_band
        self.registered_at = at

    def schedule_reminder(self, now):
        """Set when the next reminder is due, if its owner wants any."""
        self.study_reminder_due_at = (
            next_moment_at(self.study_reminder_time, self.timezone, after=now)
            if self.study_reminders
            else None
        )

    def touch(self, moment):
        """Move ``updated_at`` forward, also when the clock has not."""
        self.updated_at = max(moment, self.updated_at + timedelta(microseconds=1))
