"""The dashboard as JSON."""

from rest_framework import serializers

from shared.server.serializers import Serializer
from user_project.profiles.serializers import ProfileSerializer
from user_project.progress.serializers import (
    ProgressSerializer,
    SkillStatisticSerializer,
)

from .services import PARTS_OF_PEERS


class CurrentCourseSerializer(Serializer):
    """A course that the learner takes, as course-service says."""

    enrollment_id = serializers.UUIDField()
    course_id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    skill = serializers.CharField()
    level = serializers.CharField()
    progress_percent = serializers.IntegerField(min_value=0, max_value=100)
    lessons_completed = serializers.IntegerField()
    lessons_total = serializers.IntegerField()
    next_lesson_id = serializers.UUIDField(allow_null=True)
    next_lesson_title = serializers.CharField()
    enrolled_at = serializers.DateTimeField()
    last_studied_at = serializers.DateTimeField(allow_null=True)


class RecentAttemptSerializer(Serializer):
    """An attempt at an exercise, as exercise-service says."""

    attempt_id = serializers.UUIDField()
    exercise_id = serializers.UUIDField()
    title = serializers.CharField()
    skill = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    raw_score = serializers.IntegerField(
        allow_null=True, help_text="Null without a result, as the other scores."
    )
    question_count = serializers.IntegerField()
    score_percent = serializers.FloatField(allow_null=True)
    band = serializers.FloatField(allow_null=True)
    estimated_band = serializers.FloatField(allow_null=True)


class UnreadNotificationSerializer(Serializer):
    """A notification that was not read; its text is at /api/v1/notifications."""

    notification_id = serializers.UUIDField()
    type = serializers.CharField()
    category = serializers.CharField()
    created_at = serializers.DateTimeField()


class UnreadNotificationsSerializer(Serializer):
    """How many notifications were not read, and the latest of them."""

    unread_count = serializers.IntegerField()
    latest_unread = UnreadNotificationSerializer(many=True)


class DashboardSerializer(Serializer):
    """What a learner sees first; what its service did not say is empty or null."""

    profile = ProfileSerializer()
    progress = ProgressSerializer()
    statistics = SkillStatisticSerializer(many=True, help_text="All four skills.")
    current_courses = CurrentCourseSerializer(
        many=True, help_text="Five at most, the one that was studied last first."
    )
    courses_completed = serializers.IntegerField(
        allow_null=True, help_text="Null while nobody can say."
    )
    recent_attempts = RecentAttemptSerializer(
        many=True, help_text="Five at most, the latest first."
    )
    attempts_graded = serializers.IntegerField(
        allow_null=True, help_text="Null while nobody can say."
    )
    unread_notifications = UnreadNotificationsSerializer(
        allow_null=True, help_text="Null while nobody can say."
    )
    unavailable = serializers.ListField(
        child=serializers.ChoiceField(choices=PARTS_OF_PEERS),
        help_text="The parts that are missing, because their service is away.",
    )
