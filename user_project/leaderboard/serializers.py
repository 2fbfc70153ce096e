"""The leaderboard as JSON."""

from rest_framework import serializers

from shared.server.serializers import Serializer

from .periods import PERIODS


class PlaceSerializer(Serializer):
    """Somebody on the board."""

    rank = serializers.IntegerField()
    user_id = serializers.UUIDField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField()
    points = serializers.IntegerField()
    study_minutes = serializers.IntegerField()
    lessons_completed = serializers.IntegerField()
    exercises_completed = serializers.IntegerField()


class OwnPlaceSerializer(PlaceSerializer):
    """Where the reader stands, on the page or not, and would stand if private."""

    rank = serializers.IntegerField(
        allow_null=True,
        help_text="Null before anything was done in the period, and beyond 10,000.",
    )


class LeaderboardSerializer(Serializer):
    """A page of the first thousand of a period, and the reader's own place."""

    period = serializers.ChoiceField(choices=PERIODS)
    starts_on = serializers.DateField(
        allow_null=True, help_text="First day, in UTC; null for all."
    )
    ends_on = serializers.DateField(allow_null=True, help_text="Last day, in UTC.")
    count = serializers.IntegerField(help_text="Places on the board, at most 1,000.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PlaceSerializer(many=True)
    own = OwnPlaceSerializer()
