"""Notices and preferences as JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from shared.server.serializers import (
    BooleanField,
    IntegerField,
    ModelSerializer,
    Serializer,
    WallTimeField,
)

from .models import MOST_DAILY_CAP, Notice


class ActionSerializer(Serializer):
    """Where a notice leads."""

    kind = serializers.ChoiceField(choices=Notice.ActionKind.choices)
    target = serializers.CharField()


class NoticeSerializer(ModelSerializer):
    """A notice in the language of its reader, which the context names."""

    title = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    action = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = [
            "id",
            "type",
            "category",
            "title",
            "message",
            "action",
            "read_at",
            "created_at",
        ]

    def get_title(self, notice) -> str:
        return notice.text(self.context["locale"]).title

    def get_message(self, notice) -> str:
        return notice.text(self.context["locale"]).message

    @extend_schema_field(ActionSerializer(allow_null=True))
    def get_action(self, notice):
        return notice.action


class UnreadCountSerializer(Serializer):
    """How many notices were not read."""

    unread_count = serializers.IntegerField()


class MarkedReadSerializer(Serializer):
    """How many notices this request marked as read."""

    marked_count = serializers.IntegerField()


class StrictSerializer(Serializer):
    """Refuses a member that it does not know, which would be a choice not kept."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            unknown = set(data) - set(self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {name: ["Unknown member."] for name in sorted(unknown)}
                )
        return super().to_internal_value(data)


class ChannelsSerializer(StrictSerializer):
    """One type of notice by each channel."""

    in_app = BooleanField(required=False)
    email = BooleanField(required=False)


class TypesSerializer(StrictSerializer):
    """Each type of notice."""

    achievement = ChannelsSerializer(required=False)
    reminder = ChannelsSerializer(required=False)
    course_update = ChannelsSerializer(required=False)
    exercise_graded = ChannelsSerializer(required=False)
    system = ChannelsSerializer(required=False)
    social = ChannelsSerializer(required=False)


class QuietHoursSerializer(Serializer):
    """When nobody is told, in the zone of the profile; it may cross midnight."""

    enabled = BooleanField()
    start = WallTimeField()
    end = WallTimeField()


class QuietHoursChangesSerializer(StrictSerializer):
    """What changes of the quiet hours."""

    enabled = BooleanField(required=False)
    start = WallTimeField(required=False)
    end = WallTimeField(required=False)


class DailyCapField(IntegerField):
    """Notices of one day; a digest tells the others the morning after."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=MOST_DAILY_CAP, **options)


class PreferencesSerializer(Serializer):
    """What a person wants to be told, by type and channel, and when."""

    types = TypesSerializer()
    quiet_hours = QuietHoursSerializer()
    daily_cap = DailyCapField()


class PreferenceChangesSerializer(StrictSerializer):
    """What changes of the preferences; absent members stay as they are."""

    types = TypesSerializer(required=False)
    quiet_hours = QuietHoursChangesSerializer(required=False)
    daily_cap = DailyCapField(required=False)
