"""Notices and preferences as JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from shared.server.serializers import BooleanField, ModelSerializer, Serializer

from .models import Notice


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


class PreferencesSerializer(StrictSerializer):
    """What a person wants to be told, by type and channel."""

    types = TypesSerializer()
