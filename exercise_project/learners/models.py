"""Learners: a copy of what auth and user-service say of people."""

from django.db import models


class Learner(models.Model):
    """A person, as events told of them; each fact is as new as its own time says."""

    user_id = models.UUIDField(primary_key=True, editable=False)
    display_name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, blank=True)
    locale = models.CharField(max_length=10, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    registered_at = models.DateTimeField(null=True, blank=True)
    role_changed_at = models.DateTimeField(null=True, blank=True)
    profile_updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-registered_at"]
        indexes = [models.Index(fields=["-registered_at"], name="learners_newest")]

    def __str__(self):
        return f"{self.display_name} ({self.user_id})"

    def learn_registration(self, *, role, full_name, at):
        """Take over what auth said of the account, unless there is newer news."""
        if self.registered_at is not None:
            return
        self.registered_at = at
        if self.role_changed_at is None:
            self.role = role
        if self.profile_updated_at is None:
            self.display_name = full_name

    def learn_role(self, *, role, at):
        """Take over a role, unless a newer one is known."""
        if self.role_changed_at is None or self.role_changed_at < at:
            self.role = role
            self.role_changed_at = at

    def learn_profile(self, *, display_name, locale, timezone, at):
        """Take over what the profile says, unless a newer one is known."""
        if self.profile_updated_at is None or self.profile_updated_at < at:
            self.display_name = display_name
            self.locale = locale
            self.timezone = timezone
            self.profile_updated_at = at
