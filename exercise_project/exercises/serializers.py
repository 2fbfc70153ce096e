"""Exercises as JSON: as learners see them, and as their authors do."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import ValidationError

from shared.server.serializers import (
    CharField,
    ChoiceField,
    ModelSerializer,
    Serializer,
    SlugField,
    TextField,
    URLField,
    UUIDField,
)

from .models import Exercise, ExerciseVersion, Question, QuestionGroup, Section

MOST_OPTIONS = 26
MOST_VARIANTS = 30
_POSITION = {"required": False, "max_value": 100}


class ExerciseSerializer(ModelSerializer):
    """An exercise in a list: nothing of what it asks."""

    question_count = serializers.IntegerField(
        source="current_version.question_count",
        default=0,
        help_text="0 until the first publication.",
    )

    class Meta:
        model = Exercise
        fields = [
            "id",
            "slug",
            "title",
            "description",
            "skill",
            "kind",
            "difficulty",
            "minutes",
            "question_count",
            "course_id",
            "module_id",
            "state",
            "published_at",
        ]


class SectionOutlineSerializer(ModelSerializer):
    """What a section is about, without its text."""

    question_count = serializers.SerializerMethodField()
    question_types = serializers.SerializerMethodField()

    class Meta:
        model = Section
        fields = ["position", "title", "question_count", "question_types"]

    def get_question_count(self, section) -> int:
        return sum(
            question.choose
            for group in section.groups.all()
            for question in group.questions.all()
        )

    def get_question_types(self, section) -> list[str]:
        return list(dict.fromkeys(group.type for group in section.groups.all()))


class ExerciseDetailSerializer(ExerciseSerializer):
    """An exercise with the outline of its sections; questions come with an attempt."""

    sections = serializers.SerializerMethodField()

    class Meta(ExerciseSerializer.Meta):
        fields = [*ExerciseSerializer.Meta.fields, "sections"]

    @extend_schema_field(SectionOutlineSerializer(many=True))
    def get_sections(self, exercise):
        if exercise.current_version is None:
            return []
        sections = exercise.current_version.sections.all()
        return SectionOutlineSerializer(sections, many=True).data


class ExerciseInputSerializer(ModelSerializer):
    """What an author says of an exercise."""

    slug = SlugField(max_length=100, required=False)
    description = TextField(max_length=4000, allow_blank=True, required=False)
    band_table = ChoiceField(
        choices=ExerciseVersion.BandTable.choices,
        required=False,
        help_text="Without one, the usual table of the skill.",
    )

    class Meta:
        model = Exercise
        fields = [
            "title",
            "slug",
            "description",
            "skill",
            "kind",
            "difficulty",
            "minutes",
            "course_id",
            "module_id",
            "band_table",
        ]


class OptionSerializer(Serializer):
    """A letter (or numeral) and what it stands for."""

    letter = CharField(max_length=8)
    text = CharField(max_length=500)


class _WithOptions(ModelSerializer):
    options = OptionSerializer(many=True, required=False)

    def validate_options(self, options):
        # A PATCH makes the fields of what it holds optional, too.
        if any(len(option) < len(OptionSerializer().fields) for option in options):
            raise ValidationError(
                "An option has a letter and a text.", code="invalid_options"
            )
        letters = {option["letter"] for option in options}
        if len(options) > MOST_OPTIONS or len(letters) < len(options):
            raise ValidationError(
                f"At most {MOST_OPTIONS} options, each with its own letter.",
                code="invalid_options",
            )
        return [dict(option) for option in options]


class SectionSerializer(ModelSerializer):
    """A section as its author writes it."""

    instructions = TextField(max_length=4000, allow_blank=True, required=False)
    text = TextField(max_length=40_000)
    audio_url = URLField(max_length=500, allow_blank=True, required=False)

    class Meta:
        model = Section
        fields = ["id", "position", "title", "instructions", "text", "audio_url"]
        extra_kwargs = {"position": _POSITION}


class QuestionGroupSerializer(_WithOptions):
    """A group of questions as its author writes it."""

    class Meta:
        model = QuestionGroup
        fields = [
            "id",
            "position",
            "type",
            "subtype",
            "instructions",
            "word_limit",
            "options",
            "text",
        ]
        extra_kwargs = {"position": _POSITION}


class QuestionSerializer(_WithOptions):
    """A question with its key, for authors only."""

    answers = serializers.ListField(
        child=CharField(max_length=200), min_length=1, max_length=MOST_VARIANTS
    )

    class Meta:
        model = Question
        fields = [
            "id",
            "number",
            "choose",
            "prompt",
            "options",
            "answers",
            "explanation",
            "evidence",
        ]


class NewQuestionSerializer(QuestionSerializer):
    """A new question, and the group of the section that it belongs to."""

    group = UUIDField()

    class Meta(QuestionSerializer.Meta):
        fields = ["group", *QuestionSerializer.Meta.fields]


class AuthoredGroupSerializer(QuestionGroupSerializer):
    """A group with its questions and their keys."""

    questions = QuestionSerializer(many=True)

    class Meta(QuestionGroupSerializer.Meta):
        fields = [*QuestionGroupSerializer.Meta.fields, "questions"]


class AuthoredSectionSerializer(SectionSerializer):
    """A section with its groups."""

    groups = AuthoredGroupSerializer(many=True)

    class Meta(SectionSerializer.Meta):
        fields = [*SectionSerializer.Meta.fields, "groups"]


class AuthoredVersionSerializer(ModelSerializer):
    """All of a version, keys included, for its authors."""

    is_published = serializers.BooleanField()
    sections = AuthoredSectionSerializer(many=True)

    class Meta:
        model = ExerciseVersion
        fields = [
            "id",
            "number",
            "is_published",
            "band_table",
            "published_at",
            "sections",
        ]
