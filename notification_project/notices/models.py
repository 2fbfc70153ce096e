"""Notices, who reads them, and what their readers want."""

from django.db import models
from django.utils import timezone

from shared.wire.ids import uuid7

from .templates import DEFAULT_LOCALE, Text, render_text


class NoticeQuerySet(models.QuerySet):
    def of_reader(self, user_id):
        """Notices that a person still has."""
        return self.filter(user_id=user_id, deleted_at__isnull=True)

    def unread(self):
        """Notices that were not read."""
        return self.filter(read_at__isnull=True)

    def read(self):
        """Notices that were read."""
        return self.filter(read_at__isnull=False)


class Notice(models.Model):
    """Something a person was told: a template with parameters, or a text as it is."""

    class Type(models.TextChoices):
        ACHIEVEMENT = "achievement"
        REMINDER = "reminder"
        COURSE_UPDATE = "course_update"
        EXERCISE_GRADED = "exercise_graded"
        SYSTEM = "system"
        SOCIAL = "social"

    class Category(models.TextChoices):
        INFO = "info"
        SUCCESS = "success"
        WARNING = "warning"
        ALERT = "alert"

    class ActionKind(models.TextChoices):
        COURSE = "course"
        LESSON = "lesson"
        EXERCISE = "exercise"
        ATTEMPT = "attempt"
        PROFILE = "profile"
        URL = "url"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user_id = models.UUIDField()
    type = models.CharField(max_length=20, choices=Type)
    category = models.CharField(max_length=10, choices=Category, default=Category.INFO)
    template = models.CharField(max_length=100, blank=True)
    params = models.JSONField(default=dict, blank=True)
    own_title = models.CharField(
        "title", max_length=200, blank=True, help_text="Of a notice without template."
    )
    own_message = models.TextField("message", blank=True)
    action_kind = models.CharField(max_length=10, choices=ActionKind, blank=True)
    action_target = models.CharField(max_length=200, blank=True)
    sender = models.CharField(max_length=50, help_text="The service that sent it.")
    dedupe = models.CharField(
        max_length=200, blank=True, help_text="Unique per person, also once deleted."
    )
    read_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-created_at", "-id"],
                condition=models.Q(deleted_at__isnull=True),
                name="notices_newest_of_reader",
            ),
            models.Index(
                fields=["user_id", "-created_at", "-id"],
                condition=models.Q(deleted_at__isnull=True, read_at__isnull=True),
                name="notices_unread_of_reader",
            ),
            models.Index(fields=["-created_at", "-id"], name="notices_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "dedupe"],
                condition=~models.Q(dedupe=""),
                name="notices_one_per_dedupe",
            ),
            models.CheckConstraint(
                condition=~models.Q(template="") | ~models.Q(own_title=""),
                name="notices_have_a_text",
            ),
        ]

    def __str__(self):
        return f"{self.template or self.own_title} for {self.user_id}"

    def text(self, locale=DEFAULT_LOCALE):
        """Return title and message in the language of *locale*."""
        if not self.template:
            return Text(self.own_title, self.own_message)
        return render_text(key=self.template, params=self.params, locale=locale)

    @property
    def action(self):
        """Return where the notice leads, None when it leads nowhere."""
        if not self.action_kind:
            return None
        return {"kind": self.action_kind, "target": self.action_target}


class PreferenceQuerySet(models.QuerySet):
    def wants(self, *, user_id, type_, channel):
        """Say whether a person wants a type of notice by a channel: yes by default."""
        refusals = self.filter(
            user_id=user_id, type=type_, channel=channel, is_enabled=False
        )
        return not refusals.exists()

    def of_reader(self, user_id):
        """Return all choices of a person: ``{type: {channel: enabled}}``."""
        choices = {
            type_: dict.fromkeys(Preference.Channel.values, True)
            for type_ in Notice.Type.values
        }
        for preference in self.filter(user_id=user_id):
            choices[preference.type][preference.channel] = preference.is_enabled
        return choices


class Preference(models.Model):
    """A person's choice about one type of notice by one channel; without it: yes."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", "in the app"
        EMAIL = "email", "e-mail"

    user_id = models.UUIDField()
    type = models.CharField(max_length=20, choices=Notice.Type)
    channel = models.CharField(max_length=10, choices=Channel)
    is_enabled = models.BooleanField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        ordering = ["user_id", "type", "channel"]
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "type", "channel"],
                name="notices_one_choice_per_channel",
            )
        ]

    def __str__(self):
        return f"{self.type} by {self.channel} for {self.user_id}"


class ReaderQuerySet(models.QuerySet):
    def locale_of(self, user_id):
        """Return the language a person reads, also before anything is known of them."""
        locale = self.filter(user_id=user_id).values_list("locale", flat=True).first()
        return locale or DEFAULT_LOCALE


class Reader(models.Model):
    """What this service knows of a person; auth and user-service tell it by events."""

    user_id = models.UUIDField(primary_key=True, editable=False)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    locale = models.CharField(max_length=10, default=DEFAULT_LOCALE)
    timezone = models.CharField(max_length=64, default="UTC")
    registered_at = models.DateTimeField(null=True, blank=True)
    role_changed_at = models.DateTimeField(null=True, blank=True)
    profile_updated_at = models.DateTimeField(null=True, blank=True)

    objects = ReaderQuerySet.as_manager()

    class Meta:
        ordering = ["-registered_at"]
        indexes = [
            models.Index(fields=["-registered_at"], name="notices_readers_newest")
        ]

    def __str__(self):
        return f"{self.display_name} ({self.user_id})"

    def learn_registration(self, *, email, role, full_name, at):
        """Take over what auth said of the account, unless there is newer news."""
        if self.registered_at is not None:
            return
        self.registered_at = at
        self.email = email
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
