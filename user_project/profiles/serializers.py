"""Profiles as JSON: in, out, and as others see them."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.serializers import ValidationError

from shared.server.serializers import (
    DateTimeField,
    FloatField,
    ModelSerializer,
    TextField,
    URLField,
    WallTimeField,
)

from .models import Profile
from .zones import known_zones


class ProfileSerializer(ModelSerializer):
    """A profile as its owner reads it."""

    target_band = FloatField(allow_null=True)
    created_at = DateTimeField(
        allow_null=True, help_text="Null until the profile is stored."
    )
    updated_at = DateTimeField(allow_null=True)

    class Meta:
        model = Profile
        fields = [
            "user_id",
            "email",
            "role",
            "full_name",
            "display_name",
            "bio",
            "avatar_url",
            "timezone",
            "locale",
            "level",
            "target_band",
            "target_exam_date",
            "visibility",
            "created_at",
            "updated_at",
        ]


class ProfileChangesSerializer(ModelSerializer):
    """What its owner may change; absent fields stay as they are."""

    bio = TextField(max_length=2000, allow_blank=True)
    avatar_url = URLField(max_length=500, allow_blank=True)

    class Meta:
        model = Profile
        fields = [
            "full_name",
            "display_name",
            "bio",
            "avatar_url",
            "timezone",
            "locale",
            "level",
            "target_band",
            "target_exam_date",
            "visibility",
        ]

    def validate_avatar_url(self, value):
        if value and not value.lower().startswith(("http://", "https://")):
            raise ValidationError(
                "The address begins with http:// or https://.", code="invalid_scheme"
            )
        return value

    def validate_timezone(self, value):
        return _known_zone(value)

    def validate_target_band(self, value):
        if value is not None and (value < 0 or value > 9 or value % 1 not in (0, 0.5)):
            raise ValidationError(
                "A band lies between 0 and 9, in halves.", code="invalid_band"
            )
        return value

    def validate_target_exam_date(self, value):
        # Yesterday in UTC is still today somewhere.
        if value is not None and value < timezone.now().date() - timedelta(days=1):
            raise ValidationError("The exam date lies in the past.", code="past_date")
        return value


class PublicProfileSerializer(ModelSerializer):
    """A profile as other people see it."""

    class Meta:
        model = Profile
        fields = ["user_id", "display_name", "bio", "avatar_url", "level", "role"]


class PreferencesSerializer(ModelSerializer):
    """How the platform speaks to a person, and what it shows of them to others.

    A member that is not known is refused: it would be a choice not kept.
    """

    study_reminder_time = WallTimeField(help_text="In the own zone.")

    class Meta:
        model = Profile
        fields = [
            "locale",
            "timezone",
            "visibility",
            "study_reminders",
            "study_reminder_time",
        ]

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := set(data) - set(self.fields)):
            raise ValidationError(
                {name: ["Unknown member."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)

    def validate_timezone(self, value):
        return _known_zone(value)


def _known_zone(name):
    if name not in known_zones():
        raise ValidationError(
            "Not an IANA time zone, such as Asia/Ho_Chi_Minh.", code="unknown_zone"
        )
    return name
