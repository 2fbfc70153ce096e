"""Achievements as JSON."""

from rest_framework import serializers

from shared.server.serializers import Serializer

from .rules import Measure


class AchievementSerializer(Serializer):
    """A line of the catalogue."""

    key = serializers.CharField(source="rule.key")
    title = serializers.SerializerMethodField(help_text="In the learner's language.")
    measure = serializers.ChoiceField(
        source="rule.measure", choices=[measure.value for measure in Measure]
    )
    threshold = serializers.IntegerField(source="rule.threshold")
    progress = serializers.FloatField(help_text="At most the threshold.")
    points = serializers.IntegerField()
    earned_at = serializers.DateTimeField(allow_null=True)

    def get_title(self, entry) -> str:
        return entry.rule.title(self.context["locale"])


class AchievementsSerializer(Serializer):
    """The whole catalogue, and the sum of what was earned."""

    count = serializers.IntegerField()
    points = serializers.IntegerField(help_text="Sum over the earned ones.")
    results = AchievementSerializer(many=True)
