"""Notices, who reads them, and what their readers want."""

from datetime import time, timedelta

from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from shared.wire.ids import uuid7

from .templates import DEFAULT_LOCALE, DIGEST, Text, render_digest, render_text
from .zones import QuietHours, local_day, moment_of, zone_named

DAILY_CAP = 20
MOST_DAILY_CAP = 100
DIGEST_TIME = time(8)  # when people look at their day; moved by quiet hours
MOST_TITLES = 20  # of a digest; it counts the others

# The position of a notice that no stream has announced. It is above all others, so
# that one range finds what is new: announced since, or not yet.
UNANNOUNCED = 2**63 - 1


class NoticeQuerySet(models.QuerySet):
    def of_reader(self, user_id, *, now=None):
        """Notices that a person has in the app now.

        Not those for a later time, those by mail only, those that a digest collected.
        """
        return self.filter(
            user_id=user_id,
            is_listed=True,
            deleted_at__isnull=True,
            visible_at__lte=now or timezone.now(),
        )

    def of_readers(self, user_ids, *, now=None):
        """What of_reader selects, of several people: to be read by position."""
        # An expression, or SQLite takes the index by time, and with it all that these
        # people ever were told.
        told_at = Coalesce("visible_at", "created_at")
        return self.alias(told_at=told_at).filter(
            user_id__in=user_ids,
            is_listed=True,
            deleted_at__isnull=True,
            told_at__lte=now or timezone.now(),
        )

    def counted(self, *, user_ids, days):
        """How many notices people were told by themselves: ``{(user_id, day): n}``."""
        told = self.filter(user_id__in=user_ids, day__in=days, digest=None)
        counts = told.exclude(template=DIGEST).order_by().values_list("user_id", "day")
        return {
            (user_id, day): count
            for user_id, day, count in counts.annotate(count=models.Count("pk"))
        }

    def collecting(self, *, user_ids, days, now):
        """Digests that nobody has seen yet, so that they can take in more."""
        return self.filter(
            user_id__in=user_ids, day__in=days, template=DIGEST, visible_at__gt=now
        )

    def unannounced(self):
        """Notices that streams do not know yet."""
        return self.filter(position=UNANNOUNCED)

    def after(self, position):
        """Notices announced after a position, and those that are not yet."""
        return self.filter(position__gt=position)

    def unread(self):
        """Notices that were not read."""
        return self.filter(read_at__isnull=True)

    def read(self):
        """Notices that were read."""
        return self.filter(read_at__isnull=False)


class Notice(models.Model):
    """Something a person was told: a template with parameters, or a text as it is.

    A digest is a notice, too: its parameters are the titles of what it collected.
    """

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
    visible_at = models.DateTimeField(
        default=timezone.now,
        db_default=Now(),
        help_text="When its reader is told: later than it was made in quiet hours.",
    )
    is_listed = models.BooleanField(
        default=True,
        db_default=True,
        help_text="No: by mail only, or collected by a digest.",
    )
    day = models.DateField(
        null=True,
        blank=True,
        help_text="The reader's day whose cap it counts for; none: it passes the cap.",
    )
    digest = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="collected",
        help_text="What tells it, above the cap of its day.",
    )
    read_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    position = models.BigIntegerField(
        default=UNANNOUNCED,
        db_default=UNANNOUNCED,  # processes of the version before may still add rows
        editable=False,
        help_text="Its place in the streams.",
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-visible_at", "-id"]
        indexes = [
            models.Index(
                fields=["user_id", "-visible_at", "-id"],
                condition=models.Q(is_listed=True, deleted_at__isnull=True),
                name="notices_visible_to_reader",
            ),
            models.Index(
                fields=["user_id", "-visible_at", "-id"],
                condition=models.Q(
                    is_listed=True, deleted_at__isnull=True, read_at__isnull=True
                ),
                name="notices_unread_by_reader",
            ),
            models.Index(
                fields=["user_id", "day"],
                condition=models.Q(day__isnull=False),
                name="notices_of_day",
            ),
            models.Index(fields=["-created_at", "-id"], name="notices_newest"),
            models.Index(
                fields=["user_id", "position"],
                condition=models.Q(deleted_at__isnull=True, is_listed=True),
                name="notices_by_position",
            ),
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
        if self.is_digest:
            return render_digest(params=self.params, locale=locale)
        return render_text(key=self.template, params=self.params, locale=locale)

    @property
    def action(self):
        """Return where the notice leads, None when it leads nowhere."""
        if not self.action_kind:
            return None
        return {"kind": self.action_kind, "target": self.action_target}

    @property
    def is_urgent(self):
        """Say whether it waits for nothing: a warning about the account itself."""
        return self.type == self.Type.SYSTEM and self.category in (
            self.Category.WARNING,
            self.Category.ALERT,
        )

    @property
    def is_digest(self):
        """Say whether it stands for the notices above the cap of a day."""
        return self.template == DIGEST

    def collect(self, notice):
        """Take *notice* into this digest, which tells it in its place."""
        titles = self.params["titles"]
        if len(titles) < MOST_TITLES:
            titles.append(
                {
                    "template": notice.template,
                    "params": notice.params,
                    "own_title": notice.own_title,
                }
            )
        self.params["count"] += 1
        self.is_listed = self.is_listed or notice.is_listed
        notice.digest = self
        notice.visible_at = self.visible_at
        notice.is_listed = False


class PreferenceQuerySet(models.QuerySet):
    def channels(self, *, user_ids, type_):
        """Return by which channels people want a type: ``{user_id: {channel, …}}``."""
        wanted = {user_id: _channels_by_default(type_) for user_id in user_ids}
        for preference in self.filter(user_id__in=user_ids, type=type_):
            change = set.add if preference.is_enabled else set.discard
            change(wanted[preference.user_id], preference.channel)
        return wanted

    def of_reader(self, user_id):
        """Return all choices of a person: ``{type: {channel: enabled}}``."""
        choices = {}
        for type_ in Notice.Type.values:
            wanted = _channels_by_default(type_)
            choices[type_] = {
                channel: channel in wanted for channel in Preference.Channel.values
            }
        for preference in self.filter(user_id=user_id):
            choices[preference.type][preference.channel] = preference.is_enabled
        return choices


class Preference(models.Model):
    """A person's choice about one type of notice by one channel.

    Without one, all is wanted in the app, and by mail what cannot wait for the next
    visit: the account, and what somebody asked to be reminded of.
    """

    class Channel(models.TextChoices):
        IN_APP = "in_app", "in the app"
        EMAIL = "email", "e-mail"

    MAILED_BY_DEFAULT = {Notice.Type.SYSTEM, Notice.Type.REMINDER}

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


def _channels_by_default(type_):
    if type_ in Preference.MAILED_BY_DEFAULT:
        return {Preference.Channel.IN_APP, Preference.Channel.EMAIL}
    return {Preference.Channel.IN_APP}


class ReaderQuerySet(models.QuerySet):
    def locale_of(self, user_id):
        """Return the language a person reads, also before anything is known of them."""
        locale = self.filter(user_id=user_id).values_list("locale", flat=True).first()
        return locale or DEFAULT_LOCALE

    def or_default(self, user_id):
        """Return the reader, also before anything is known or chosen."""
        return self.filter(user_id=user_id).first() or Reader(user_id=user_id)


class Reader(models.Model):
    """What this service knows of a person, and when they want to be told.

    auth and user-service tell the former by events. The row is the lock of all that
    is counted per person.
    """

    user_id = models.UUIDField(primary_key=True, editable=False)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=20, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    locale = models.CharField(max_length=10, default=DEFAULT_LOCALE)
    timezone = models.CharField(max_length=64, default="UTC")
    registered_at = models.DateTimeField(null=True, blank=True)
    role_changed_at = models.DateTimeField(null=True, blank=True)
    profile_updated_at = models.DateTimeField(null=True, blank=True)
    is_disabled = models.BooleanField(
        default=False, db_default=False, help_text="Gets no mail."
    )
    access_changed_at = models.DateTimeField(null=True, blank=True)
    has_quiet_hours = models.BooleanField(default=False, db_default=False)
    quiet_from = models.TimeField(default=time(22), db_default=time(22))
    quiet_until = models.TimeField(default=time(7), db_default=time(7))
    daily_cap = models.PositiveSmallIntegerField(
        default=DAILY_CAP,
        db_default=DAILY_CAP,
        help_text="Notices of one local day that are told by themselves.",
    )

    objects = ReaderQuerySet.as_manager()

    class Meta:
        ordering = ["-registered_at"]
        indexes = [
            models.Index(fields=["-registered_at"], name="notices_readers_newest")
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(quiet_from=models.F("quiet_until")),
                name="notices_quiet_hours_last",
            ),
            models.CheckConstraint(
                condition=models.Q(daily_cap__range=(1, MOST_DAILY_CAP)),
                name="notices_daily_cap_in_range",
            ),
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

    def learn_access(self, *, is_disabled, at):
        """Take over whether the account is switched off, unless newer news is known."""
        if self.access_changed_at is None or self.access_changed_at < at:
            self.is_disabled = is_disabled
            self.access_changed_at = at

    @property
    def zone(self):
        """Return the zone that this person lives in."""
        return zone_named(self.timezone)

    @property
    def quiet_hours(self):
        """Return the choice about quiet hours, as the API shows it."""
        return {
            "enabled": self.has_quiet_hours,
            "start": self.quiet_from,
            "end": self.quiet_until,
        }

    def told_at(self, moment):
        """Return when this person is told what happens at *moment*."""
        if not self.has_quiet_hours:
            return moment
        quiet = QuietHours(self.quiet_from, self.quiet_until)
        return quiet.over_at(moment, self.zone)

    def day_of(self, moment):
        """Return this person's calendar day."""
        return local_day(moment, self.zone)

    def digest_at(self, day):
        """Return when the digest of *day* is told: the morning after."""
        morning = moment_of(day + timedelta(days=1), DIGEST_TIME, self.zone)
        return self.told_at(morning)
