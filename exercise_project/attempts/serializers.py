"""Attempts as JSON: what is asked before the end, and everything after it."""

from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import ValidationError

from exercise_project.exercises.models import (
    Exercise,
    Question,
    QuestionGroup,
    Section,
)
from shared.server.serializers import CharField, ModelSerializer, Serializer

from .models import Attempt

MOST_ANSWERS = 200
MOST_LETTERS = 26
# By them a client tells the two shapes of an attempt apart, and so does the schema.
STATES_WITHOUT_RESULT = [Attempt.State.IN_PROGRESS.value, Attempt.State.ABANDONED.value]
STATES_WITH_RESULT = [Attempt.State.GRADED.value, Attempt.State.EXPIRED.value]
_ANY_ANSWER = {
    "oneOf": [
        {"type": "string", "maxLength": 500},
        {"type": "array", "items": {"type": "string"}, "maxItems": MOST_LETTERS},
    ],
    "nullable": True,
}


@extend_schema_field(_ANY_ANSWER)
class AnswerField(serializers.Field):
    """A string, a list of letters, or null to take the answer back."""

    text = CharField(max_length=500, allow_blank=True)
    letters = serializers.ListField(
        child=CharField(max_length=8), max_length=MOST_LETTERS
    )

    def __init__(self, **options):
        super().__init__(allow_null=True, **options)

    def to_internal_value(self, data):
        field = self.letters if isinstance(data, list) else self.text
        return field.run_validation(data)

    def to_representation(self, value):
        return value


class AnswersSerializer(Serializer):
    """Answers by question id; what is not named stays as it was saved."""

    answers = serializers.DictField(child=AnswerField())

    def validate_answers(self, answers):
        if len(answers) > MOST_ANSWERS:
            raise ValidationError(f"At most {MOST_ANSWERS} answers.", code="too_many")
        return {_question_id(key): value for key, value in answers.items()}


class SubmissionOfAnswersSerializer(AnswersSerializer):
    """The last answers, if they were not saved before."""

    answers = serializers.DictField(child=AnswerField(), required=False)


class TakenExerciseSerializer(ModelSerializer):
    """What an attempt says of its exercise."""

    class Meta:
        model = Exercise
        fields = ["id", "slug", "title", "skill", "kind", "difficulty"]


class AttemptSerializer(ModelSerializer):
    """An attempt in the history; scores are null without a result."""

    exercise = TakenExerciseSerializer()
    version = serializers.IntegerField(source="version.number")
    question_count = serializers.IntegerField(source="version.question_count")
    score_percent = serializers.FloatField(allow_null=True)
    band = serializers.FloatField(
        allow_null=True, help_text="Of full tests of 40 questions only."
    )
    estimated_band = serializers.FloatField(
        allow_null=True, help_text="Of shorter ones, by their share of right answers."
    )
    minutes = serializers.IntegerField(help_text="Active time, at most the limit.")

    class Meta:
        model = Attempt
        fields = [
            "id",
            "exercise",
            "version",
            "state",
            "started_at",
            "deadline_at",
            "closes_at",
            "finished_at",
            "minutes",
            "raw_score",
            "question_count",
            "score_percent",
            "band",
            "estimated_band",
        ]


class AskedQuestionSerializer(ModelSerializer):
    """A question without its key."""

    numbers = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = Question
        fields = ["id", "numbers", "choose", "prompt", "options"]


class AskedGroupSerializer(ModelSerializer):
    """A group of questions without keys."""

    questions = AskedQuestionSerializer(many=True)

    class Meta:
        model = QuestionGroup
        fields = [
            "type",
            "subtype",
            "instructions",
            "word_limit",
            "options",
            "text",
            "questions",
        ]


class AskedSectionSerializer(ModelSerializer):
    """A section to take: a passage is read, what a recording says is not."""

    text = serializers.SerializerMethodField(
        help_text="The passage; null where it is the transcript of a recording."
    )
    groups = AskedGroupSerializer(many=True)

    class Meta:
        model = Section
        fields = ["position", "title", "instructions", "text", "audio_url", "groups"]

    def get_text(self, section) -> str | None:
        return (
            None if self.context["skill"] == Exercise.Skill.LISTENING else section.text
        )


class ReviewedQuestionSerializer(AskedQuestionSerializer):
    """A question with its key, what the learner answered, and why."""

    answer = serializers.SerializerMethodField()
    points = serializers.SerializerMethodField()
    accepted = serializers.ListField(child=serializers.CharField(), source="answers")

    class Meta(AskedQuestionSerializer.Meta):
        fields = [
            *AskedQuestionSerializer.Meta.fields,
            "answer",
            "points",
            "accepted",
            "explanation",
            "evidence",
        ]

    @extend_schema_field(_ANY_ANSWER)
    def get_answer(self, question):
        return self.context["answers"].get(str(question.pk))

    def get_points(self, question) -> int:
        return self.context["points"].get(str(question.pk), 0)


class ReviewedGroupSerializer(AskedGroupSerializer):
    """A group of questions with keys."""

    questions = ReviewedQuestionSerializer(many=True)


class ReviewedSectionSerializer(AskedSectionSerializer):
    """A section after the end, transcript included."""

    text = serializers.CharField()
    groups = ReviewedGroupSerializer(many=True)


class OpenAttemptSerializer(AttemptSerializer):
    """An attempt to go on with: questions, and the answers saved so far.

    Or one that was abandoned, and has no result.
    """

    state = serializers.ChoiceField(choices=STATES_WITHOUT_RESULT)
    answers = serializers.DictField(child=AnswerField())
    sections = serializers.SerializerMethodField()

    class Meta(AttemptSerializer.Meta):
        fields = [*AttemptSerializer.Meta.fields, "saved_at", "answers", "sections"]

    @extend_schema_field(AskedSectionSerializer(many=True))
    def get_sections(self, attempt):
        return AskedSectionSerializer(
            attempt.version.sections.all(),
            many=True,
            context={"skill": attempt.exercise.skill},
        ).data


class AttemptResultSerializer(OpenAttemptSerializer):
    """An attempt with its result: keys, explanations and transcripts included."""

    state = serializers.ChoiceField(choices=STATES_WITH_RESULT)

    @extend_schema_field(ReviewedSectionSerializer(many=True))
    def get_sections(self, attempt):
        return ReviewedSectionSerializer(
            attempt.version.sections.all(),
            many=True,
            context={"answers": attempt.answers, "points": attempt.points},
        ).data


class SavedAnswersSerializer(ModelSerializer):
    """What is saved of an attempt."""

    class Meta:
        model = Attempt
        fields = ["id", "state", "deadline_at", "closes_at", "saved_at", "answers"]


class QuestionAnalysisSerializer(Serializer):
    """How one question did."""

    id = serializers.UUIDField()
    numbers = serializers.ListField(child=serializers.IntegerField())
    prompt = serializers.CharField()
    facility = serializers.FloatField(
        allow_null=True, help_text="Mean share of its points; 1 is very easy."
    )
    discrimination = serializers.FloatField(
        allow_null=True,
        help_text="Correlation with the points of the other questions, -1 to 1.",
    )


class AnalyticsSerializer(Serializer):
    """The results of the version that learners take now."""

    version = serializers.IntegerField()
    attempts = serializers.IntegerField()
    mean_percent = serializers.FloatField(allow_null=True)
    median_percent = serializers.FloatField(allow_null=True)
    mean_minutes = serializers.FloatField(allow_null=True)
    median_minutes = serializers.FloatField(allow_null=True)
    questions = QuestionAnalysisSerializer(many=True)


def _question_id(key):
    try:
        return str(UUID(key))
    except ValueError as error:
        raise ValidationError(
            {key: "This is not the id of a question."}, code="unknown_question"
        ) from error
