"""What learners do with attempts."""

from dataclasses import asdict

import django_filters
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from exercise_project.exercises.errors import ExerciseNotFoundError
from exercise_project.exercises.models import Exercise
from shared.server.permissions import HasRole

from . import services
from .analytics import analyse
from .errors import AttemptNotFoundError
from .models import Attempt
from .serializers import (
    AnalyticsSerializer,
    AnswersSerializer,
    AttemptResultSerializer,
    AttemptSerializer,
    OpenAttemptSerializer,
    SavedAnswersSerializer,
    SubmissionOfAnswersSerializer,
)

_EITHER = PolymorphicProxySerializer(
    component_name="AttemptOpenOrGraded",
    serializers=[OpenAttemptSerializer, AttemptResultSerializer],
    resource_type_field_name=None,
)


class AttemptFilter(django_filters.FilterSet):
    """``?state=graded``, ``?skill=reading``, ``?exercise=<id>``."""

    state = django_filters.ChoiceFilter(choices=Attempt.State.choices)
    skill = django_filters.ChoiceFilter(
        choices=Exercise.Skill.choices, field_name="exercise__skill"
    )
    exercise = django_filters.UUIDFilter(field_name="exercise_id")


class StartView(APIView):
    """Begin an attempt, or go on with the open one."""

    @extend_schema(
        request=None,
        responses={201: OpenAttemptSerializer, 200: OpenAttemptSerializer},
    )
    def post(self, request, exercise_id):
        attempt, is_new = services.start_attempt(
            user_id=request.user.id, exercise_id=exercise_id
        )
        return _shown(request, attempt.pk, status=201 if is_new else 200)


class AttemptListView(ListAPIView):
    """Own attempts, latest first."""

    serializer_class = AttemptSerializer
    filterset_class = AttemptFilter
    ordering_fields = ["started_at", "score_percent"]
    queryset = Attempt.objects.with_titles().defer("answers", "points")

    def get_queryset(self):
        return super().get_queryset().of_learner(self.request.user.id)


class AttemptView(APIView):
    """One own attempt: its questions while it is open, keys and reasons after it."""

    @extend_schema(responses=_EITHER)
    def get(self, request, attempt_id):
        return _shown(request, attempt_id)

    @extend_schema(request=AnswersSerializer, responses=SavedAnswersSerializer)
    def patch(self, request, attempt_id):
        """Save some answers; the others stay."""
        wanted = AnswersSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        attempt = services.save_answers(
            user_id=request.user.id, attempt_id=attempt_id, **wanted.validated_data
        )
        return Response(SavedAnswersSerializer(attempt).data)


class SubmitView(APIView):
    """Have an attempt graded; again it answers the same result.

    One that was abandoned stays so.
    """

    @extend_schema(request=SubmissionOfAnswersSerializer, responses=_EITHER)
    def post(self, request, attempt_id):
        wanted = SubmissionOfAnswersSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.submit_attempt(
            user_id=request.user.id, attempt_id=attempt_id, **wanted.validated_data
        )
        return _shown(request, attempt_id)


class AnalyticsView(APIView):
    """What results say of your own exercise, question by question."""

    permission_classes = [HasRole("instructor", "admin")]

    @extend_schema(responses=AnalyticsSerializer)
    def get(self, request, exercise_id):
        own = Exercise.objects.editable_by(request.user).filter(pk=exercise_id)
        exercise = own.select_related("current_version").first()
        if exercise is None or exercise.current_version is None:
            raise ExerciseNotFoundError
        version = exercise.current_version
        questions = {str(question.pk): question for question in version.questions()}
        analysis = analyse(
            Attempt.objects.results_of(version),
            {id_: question.choose for id_, question in questions.items()},
        )
        shown = {
            **asdict(analysis),
            "version": version.number,
            "questions": [
                {
                    **asdict(one),
                    "numbers": questions[one.id].numbers,
                    "prompt": questions[one.id].prompt,
                }
                for one in analysis.questions
            ],
        }
        return Response(AnalyticsSerializer(shown).data)


def _shown(request, attempt_id, status=200):
    own = Attempt.objects.with_questions().of_learner(request.user.id)
    attempt = own.filter(pk=attempt_id).first()
    if attempt is None:
        raise AttemptNotFoundError
    serializer = (
        AttemptResultSerializer if attempt.has_result else OpenAttemptSerializer
    )
    return Response(serializer(attempt).data, status=status)
