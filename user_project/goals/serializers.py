"""Goals as JSON."""

from rest_framework import serializers

from shared.server.serializers import DateField, IntegerField, ModelSerializer

from .models import Goal

MOST_TARGET = 1_000_000


class GoalSerializer(ModelSerializer):
    """A goal, and how far its owner is."""

    status = serializers.ChoiceField(choices=Goal.State.choices, read_only=True)

    class Meta:
        model = Goal
        fields = [
            "id",
            "title",
            "unit",
            "target",
            "period",
            "starts_on",
            "ends_on",
            "current",
            "status",
            "completed_at",
            "created_at",
        ]
        read_only_fields = fields


class GoalChangesSerializer(ModelSerializer):
    """What its owner sets; the days follow from the period where they are left out."""

    target = IntegerField(min_value=1, max_value=MOST_TARGET)
    starts_on = DateField(required=False, help_text="Today, when left out.")
    ends_on = DateField(
        required=False,
        help_text="The last day. When left out: starts_on (daily), six days later "
        "(weekly), a month later (monthly); needed for custom.",
    )

    class Meta:
        model = Goal
        fields = ["title", "unit", "target", "period", "starts_on", "ends_on"]
