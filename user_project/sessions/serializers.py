"""Study sessions as JSON."""

from rest_framework import serializers

from shared.server.serializers import (
    CharField,
    ChoiceField,
    ModelSerializer,
    Serializer,
    UUIDField,
)
from user_project.progress.models import Skill

from .models import TimedSession


class SessionStartSerializer(Serializer):
    """What is studied, as far as the client knows; time is the server's business."""

    skill = ChoiceField(choices=Skill.choices, required=False)
    resource_id = UUIDField(
        required=False, help_text="Of the course, lesson or exercise."
    )
    resource_title = CharField(max_length=200, required=False, allow_blank=True)


class TimedSessionSerializer(ModelSerializer):
    """A study session and the time that it counted so far."""

    skill = serializers.ChoiceField(choices=Skill.choices, allow_null=True)
    study_seconds = serializers.IntegerField(
        help_text="Without idle gaps, and without what another session counted."
    )

    class Meta:
        model = TimedSession
        fields = [
            "id",
            "state",
            "skill",
            "resource_id",
            "resource_title",
            "started_at",
            "last_seen_at",
            "ended_at",
            "study_seconds",
            "study_minutes",
        ]
        read_only_fields = fields

    def to_representation(self, instance):
        return {**super().to_representation(instance), "skill": instance.skill or None}
