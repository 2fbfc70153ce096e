"""Broadcasts as JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from notification_project.notices.models import Notice
from notification_project.notices.serializers import ActionSerializer, StrictSerializer
from shared.server.serializers import (
    CharField,
    ChoiceField,
    ModelSerializer,
    TextField,
    UUIDField,
)

from .models import Broadcast


class BroadcastSerializer(ModelSerializer):
    """A broadcast and how far it is."""

    role = serializers.ChoiceField(
        choices=Broadcast.Role.choices,
        allow_null=True,
        help_text="Null for other audiences.",
    )
    action = serializers.SerializerMethodField()

    class Meta:
        model = Broadcast
        fields = [
            "id",
            "state",
            "audience",
            "role",
            "course_id",
            "type",
            "category",
            "title",
            "message",
            "action",
            "total",
            "sent",
            "suppressed",
            "created_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance):
        return {**super().to_representation(instance), "role": instance.role or None}

    @extend_schema_field(ActionSerializer(allow_null=True))
    def get_action(self, broadcast):
        return broadcast.action


class NewActionSerializer(StrictSerializer):
    """Where the notices lead: a kind of thing and its id, or an address."""

    kind = ChoiceField(choices=Notice.ActionKind.choices)
    target = CharField(max_length=200, allow_blank=True, default="")


class NewBroadcastSerializer(StrictSerializer):
    """Whom to tell, and what: the text as it is, in one language for all."""

    audience = ChoiceField(choices=Broadcast.Audience.choices)
    role = ChoiceField(choices=Broadcast.Role.choices, allow_blank=True, required=False)
    course_id = UUIDField(allow_null=True, required=False)
    type = ChoiceField(choices=Notice.Type.choices)
    category = ChoiceField(
        choices=Notice.Category.choices, default=Notice.Category.INFO
    )
    title = CharField(max_length=200)
    message = TextField(max_length=4000)
    action = NewActionSerializer(allow_null=True, required=False)

    def validate(self, values):
        fitting = {"role": "role", "course": "course_id"}.get(values["audience"])
        errors = {
            name: "This is needed."
            if name == fitting
            else f"This is not for the audience {values['audience']}."
            for name in ("role", "course_id")
            if bool(values.get(name)) != (name == fitting)
        }
        if errors:
            raise serializers.ValidationError(errors)
        action = values.pop("action", None)
        if action:
            values["action_kind"] = action["kind"]
            values["action_target"] = action["target"]
        return values
