"""Enrollments, lessons and progress as JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from course_project.catalogue import markdown
from course_project.catalogue.models import Course, Lesson
from shared.server.serializers import IntegerField, ModelSerializer, Serializer

from .models import Enrollment, LessonProgress

A_DAY_SECONDS = 24 * 3600  # no video is longer


class EnrolledCourseSerializer(ModelSerializer):
    """What a list of enrollments says of a course."""

    class Meta:
        model = Course
        fields = ["id", "slug", "title", "skill", "level", "enrollment_type"]


class NextLessonSerializer(Serializer):
    """The first lesson that is not completed."""

    id = serializers.UUIDField()
    title = serializers.CharField()


class EnrollmentSerializer(ModelSerializer):
    """An enrollment with its progress; of rows ``with_progress()``."""

    course = EnrolledCourseSerializer()
    progress_percent = serializers.IntegerField(min_value=0, max_value=100)
    lessons_completed = serializers.IntegerField()
    lessons_total = serializers.IntegerField()
    next_lesson = serializers.SerializerMethodField()

    class Meta:
        model = Enrollment
        fields = [
            "id",
            "course",
            "state",
            "progress_percent",
            "lessons_completed",
            "lessons_total",
            "next_lesson",
            "enrolled_at",
            "last_studied_at",
            "completed_at",
        ]
        read_only_fields = fields

    @extend_schema_field(NextLessonSerializer(allow_null=True))
    def get_next_lesson(self, enrollment):
        if enrollment.next_lesson_id is None:
            return None
        return {
            "id": str(enrollment.next_lesson_id),
            "title": enrollment.next_lesson_title,
        }


class CourseLearnerSerializer(ModelSerializer):
    """A learner as the author of a course sees them."""

    display_name = serializers.CharField()
    progress_percent = serializers.IntegerField(min_value=0, max_value=100)
    lessons_completed = serializers.IntegerField()
    lessons_total = serializers.IntegerField()

    class Meta:
        model = Enrollment
        fields = [
            "user_id",
            "display_name",
            "state",
            "progress_percent",
            "lessons_completed",
            "lessons_total",
            "enrolled_at",
            "last_studied_at",
            "completed_at",
        ]
        read_only_fields = fields


class PositionSerializer(Serializer):
    """How far into a lesson somebody is."""

    position_seconds = IntegerField(min_value=0, max_value=A_DAY_SECONDS)


class LessonProgressSerializer(ModelSerializer):
    """How far a learner is in one lesson."""

    class Meta:
        model = LessonProgress
        fields = ["lesson_id", "position_seconds", "completed_at"]
        read_only_fields = fields


class OpenLessonSerializer(ModelSerializer):
    """A lesson to study, its text as Markdown and as safe HTML.

    The context names the reader's ``progress``, None before they have any.
    """

    course_id = serializers.UUIDField(source="module.course_id")
    course_title = serializers.CharField(source="module.course.title")
    body_html = serializers.SerializerMethodField()
    video_url = serializers.CharField(help_text="An address; empty without a video.")
    position_seconds = serializers.SerializerMethodField()
    completed_at = serializers.SerializerMethodField()

    class Meta:
        model = Lesson
        fields = [
            "id",
            "course_id",
            "course_title",
            "module_id",
            "title",
            "kind",
            "minutes",
            "is_preview",
            "is_published",
            "body",
            "body_html",
            "video_url",
            "position_seconds",
            "completed_at",
        ]
        read_only_fields = fields

    def get_body_html(self, lesson) -> str:
        return markdown.render(lesson.body)

    def get_position_seconds(self, lesson) -> int:
        progress = self.context["progress"]
        return progress.position_seconds if progress else 0

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_completed_at(self, lesson):
        progress = self.context["progress"]
        return progress.completed_at if progress else None
