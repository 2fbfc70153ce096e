"""Progress and statistics as JSON."""

from rest_framework import serializers

from shared.server.serializers import ModelSerializer, Serializer

from .models import Progress, Skill, SkillStatistic, StudyDay, StudySession


class ProgressSerializer(ModelSerializer):
    """A learner's totals; the context's ``today`` decides the current streak."""

    current_streak_days = serializers.SerializerMethodField()

    class Meta:
        model = Progress
        fields = [
            "lessons_completed",
            "exercises_completed",
            "study_minutes",
            "current_streak_days",
            "longest_streak_days",
            "points",
            "last_study_date",
        ]

    def get_current_streak_days(self, progress) -> int:
        return progress.current_streak_days(self.context["today"])


class StudySessionSerializer(ModelSerializer):
    """One entry of the history."""

    skill = serializers.ChoiceField(choices=Skill.choices, allow_null=True)
    score_percent = serializers.FloatField(allow_null=True)

    class Meta:
        model = StudySession
        fields = [
            "id",
            "session_type",
            "skill",
            "resource_id",
            "resource_title",
            "lessons_completed",
            "exercises_completed",
            "study_minutes",
            "score_percent",
            "occurred_at",
        ]

    def to_representation(self, instance):
        return {**super().to_representation(instance), "skill": instance.skill or None}


class StudyDaySerializer(ModelSerializer):
    """One calendar day in the learner's zone."""

    date = serializers.DateField(source="day")

    class Meta:
        model = StudyDay
        fields = ["date", "study_minutes", "lessons_completed", "exercises_completed"]


class StudyDaysSerializer(Serializer):
    """A series of days up to today, oldest first."""

    count = serializers.IntegerField()
    timezone = serializers.CharField(help_text="Whose calendar days these are.")
    results = StudyDaySerializer(many=True)


class SkillStatisticSerializer(ModelSerializer):
    """How a learner does in one skill."""

    average_percent = serializers.FloatField(
        allow_null=True, help_text="Mean over all practices; null without one."
    )
    best_percent = serializers.FloatField(allow_null=True)
    last_percent = serializers.FloatField(allow_null=True)
    trend = serializers.ListField(
        child=serializers.FloatField(),
        help_text="The scores of the last ten practices, oldest first.",
    )
    estimated_band = serializers.FloatField(
        allow_null=True,
        help_text="Mean of the bands given for full tests, to the nearest half; "
        "null until there is one.",
    )

    class Meta:
        model = SkillStatistic
        fields = [
            "skill",
            "practices",
            "average_percent",
            "best_percent",
            "last_percent",
            "last_practiced_at",
            "minutes",
            "trend",
            "estimated_band",
        ]


class SkillStatisticsSerializer(Serializer):
    """One statistic per skill, always all four."""

    count = serializers.IntegerField()
    results = SkillStatisticSerializer(many=True)
