"""Submissions as JSON."""

from rest_framework import serializers
from rest_framework.serializers import ValidationError

from shared.server.serializers import (
    DecimalField,
    ModelSerializer,
    Serializer,
    TextField,
    UUIDField,
)

from .models import Submission


class SubmissionSerializer(ModelSerializer):
    """A submission; band and feedback are empty until it is marked."""

    course_id = serializers.UUIDField(allow_null=True)
    word_count = serializers.IntegerField()
    criteria = serializers.DictField(child=serializers.FloatField())
    band = serializers.FloatField(allow_null=True)

    class Meta:
        model = Submission
        fields = [
            "id",
            "user_id",
            "course_id",
            "skill",
            "task",
            "title",
            "prompt",
            "text",
            "recording_url",
            "word_count",
            "state",
            "criteria",
            "band",
            "feedback",
            "submitted_at",
            "marked_at",
        ]


class NewSubmissionSerializer(ModelSerializer):
    """A text for a writing task, or the link to a recording for speaking."""

    course_id = UUIDField(required=False, allow_null=True)

    class Meta:
        model = Submission
        fields = [
            "course_id",
            "skill",
            "task",
            "title",
            "prompt",
            "text",
            "recording_url",
        ]

    def validate(self, values):
        is_writing = values["skill"] == Submission.Skill.WRITING
        needed = ("task", "text") if is_writing else ("recording_url",)
        unwanted = ("recording_url",) if is_writing else ("task", "text")
        errors = {
            **{name: "This is needed." for name in needed if not values.get(name)},
            **{
                name: f"This is not for {values['skill']}."
                for name in unwanted
                if values.get(name)
            },
        }
        if errors:
            raise ValidationError(errors)
        return values


class MarkSerializer(Serializer):
    """Four bands in halves by criterion, and words."""

    criteria = serializers.DictField(child=DecimalField(max_digits=2, decimal_places=1))
    feedback = TextField(max_length=10_000)
