"""Courses as JSON: in lists, in full, and as authors send them."""

from rest_framework import serializers

from shared.server.serializers import (
    CharField,
    IntegerField,
    ModelSerializer,
    Serializer,
    SlugField,
    TextField,
    URLField,
    UUIDField,
)

from .markdown import render
from .models import SECURE_ADDRESS, Course, Lesson, Module

MOST_PARTS = 500  # of one course or module, in one new order


class CourseSerializer(ModelSerializer):
    """A course in a list; ``rating`` is null until somebody has reviewed it."""

    instructor_name = CharField(source="instructor_display_name")
    rating = serializers.SerializerMethodField()
    lessons_count = IntegerField()
    minutes = IntegerField()

    class Meta:
        model = Course
        fields = [
            "id",
            "slug",
            "title",
            "summary",
            "skill",
            "level",
            "category",
            "enrollment_type",
            "instructor_id",
            "instructor_name",
            "state",
            "published_at",
            "lessons_count",
            "minutes",
            "enrollments_count",
            "rating",
            "rating_count",
        ]

    def get_rating(self, course) -> float | None:
        return course.rating if course.rating_count else None


class LessonSerializer(ModelSerializer):
    """A lesson to study."""

    course_id = UUIDField(source="module.course_id")
    body_html = serializers.SerializerMethodField(
        help_text="The body as HTML that is safe to show."
    )

    class Meta:
        model = Lesson
        fields = [
            "id",
            "course_id",
            "module_id",
            "title",
            "kind",
            "minutes",
            "position",
            "is_preview",
            "is_published",
            "body",
            "body_html",
            "video_url",
        ]

    def get_body_html(self, lesson) -> str:
        return render(lesson.body)


class OutlineLessonSerializer(ModelSerializer):
    """A lesson within its course; its content is there for those who may study it."""

    is_open = serializers.SerializerMethodField(
        help_text="Whether body and video_url are there for you."
    )
    body = serializers.SerializerMethodField()
    video_url = serializers.SerializerMethodField()

    class Meta:
        model = Lesson
        fields = [
            "id",
            "title",
            "kind",
            "minutes",
            "position",
            "is_preview",
            "is_published",
            "is_open",
            "body",
            "video_url",
        ]

    def get_is_open(self, lesson) -> bool:
        return lesson.is_preview or self.context["is_entitled"]

    def get_body(self, lesson) -> str | None:
        return lesson.body if self.get_is_open(lesson) else None

    def get_video_url(self, lesson) -> str | None:
        return lesson.video_url if self.get_is_open(lesson) else None


class ModuleSerializer(ModelSerializer):
    """A module by itself."""

    class Meta:
        model = Module
        fields = ["id", "course_id", "title", "summary", "position"]


class OutlineModuleSerializer(ModelSerializer):
    """A module within its course."""

    lessons = OutlineLessonSerializer(source="shown_lessons", many=True)

    class Meta:
        model = Module
        fields = ["id", "title", "summary", "position", "lessons"]


class CourseDetailSerializer(CourseSerializer):
    """A course with its modules and lessons."""

    description_html = serializers.SerializerMethodField()
    modules = OutlineModuleSerializer(source="shown_modules", many=True)

    class Meta(CourseSerializer.Meta):
        fields = [
            *CourseSerializer.Meta.fields,
            "description",
            "description_html",
            "modules",
        ]

    def get_description_html(self, course) -> str:
        return render(course.description)


class CourseChangesSerializer(ModelSerializer):
    """What an author says of a course; absent fields stay as they are."""

    description = TextField(max_length=10_000, allow_blank=True, required=False)

    class Meta:
        model = Course
        fields = [
            "title",
            "summary",
            "description",
            "skill",
            "level",
            "enrollment_type",
            "category",
        ]


class NewCourseSerializer(CourseChangesSerializer):
    """A course to be; the slug is made from the title unless it is given."""

    slug = SlugField(max_length=100, required=False)

    class Meta(CourseChangesSerializer.Meta):
        fields = ["slug", *CourseChangesSerializer.Meta.fields]


class ModuleChangesSerializer(ModelSerializer):
    """What an author says of a module."""

    class Meta:
        model = Module
        fields = ["title", "summary"]


class LessonChangesSerializer(ModelSerializer):
    """What an author says of a lesson."""

    body = TextField(max_length=100_000, allow_blank=True, required=False)
    # DRF leaves out a model's validators of its kind: these are the model's.
    video_url = URLField(
        max_length=500, allow_blank=True, required=False, validators=[SECURE_ADDRESS]
    )
    minutes = IntegerField(min_value=1, max_value=600, required=False)

    class Meta:
        model = Lesson
        fields = [
            "title",
            "kind",
            "body",
            "video_url",
            "minutes",
            "is_preview",
            "is_published",
        ]


class OrderSerializer(Serializer):
    """The ids of all parts, in their new order."""

    ids = serializers.ListField(child=UUIDField(), max_length=MOST_PARTS)
