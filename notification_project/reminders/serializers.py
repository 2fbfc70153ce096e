"""Reminders as JSON."""

from rest_framework import serializers

from notification_project.notices.serializers import StrictSerializer
from shared.server.serializers import (
    BooleanField,
    CharField,
    ChoiceField,
    ModelSerializer,
    TextField,
    WallTimeField,
)

from .models import Reminder
from .recurrence import WEEKDAYS


class WeekdaysField(serializers.ListField):
    """Names of weekdays, each once; they are kept in the order of a week."""

    def __init__(self, **options):
        options.setdefault("child", ChoiceField(choices=WEEKDAYS))
        super().__init__(allow_empty=False, max_length=len(WEEKDAYS), **options)

    def to_internal_value(self, data):
        names = super().to_internal_value(data)
        if len(set(names)) < len(names):
            raise serializers.ValidationError("A weekday is named twice.")
        return sorted(names, key=WEEKDAYS.index)


class ReminderSerializer(ModelSerializer):
    """A reminder; ``next_due_at`` is empty while it is off."""

    weekdays = WeekdaysField()
    local_time = WallTimeField()

    class Meta:
        model = Reminder
        fields = [
            "id",
            "weekdays",
            "local_time",
            "timezone",
            "title",
            "message",
            "is_enabled",
            "next_due_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ReminderValuesSerializer(StrictSerializer):
    """What a person says of a reminder; without a title it has the platform's text."""

    weekdays = WeekdaysField()
    local_time = WallTimeField()
    title = CharField(max_length=200, allow_blank=True, required=False)
    message = TextField(max_length=1000, allow_blank=True, required=False)
    is_enabled = BooleanField(required=False)
