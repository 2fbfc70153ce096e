"""What people do with exercises: look for them, and write them."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.server.permissions import HasRole, ReadOnly

from . import services
from .errors import ExerciseNotFoundError, PartNotFoundError
from .filters import ExerciseFilters
from .models import Exercise, ExerciseVersion, Question, QuestionGroup, Section
from .serializers import (
    AuthoredVersionSerializer,
    ExerciseDetailSerializer,
    ExerciseInputSerializer,
    ExerciseSerializer,
    NewQuestionSerializer,
    QuestionGroupSerializer,
    QuestionSerializer,
    SectionSerializer,
)

IsAuthor = HasRole("instructor", "admin")


class ExerciseListView(ListAPIView):
    """Published exercises, newest first; authors begin new ones."""

    permission_classes = [ReadOnly | IsAuthor]
    serializer_class = ExerciseSerializer
    filterset_class = ExerciseFilters
    queryset = Exercise.objects.published().select_related("current_version")

    @extend_schema(request=ExerciseInputSerializer, responses={201: ExerciseSerializer})
    def post(self, request):
        values = _validated(ExerciseInputSerializer, request)
        band_table = values.pop("band_table", "")
        exercise = services.create_exercise(
            instructor_id=request.user.id, values=values, band_table=band_table
        )
        return Response(ExerciseSerializer(exercise).data, status=201)


class OwnExercisesView(ListAPIView):
    """Exercises that you may edit, drafts and archived ones included."""

    permission_classes = [IsAuthor]
    serializer_class = ExerciseSerializer
    filterset_class = ExerciseFilters
    queryset = Exercise.objects.select_related("current_version")

    def get_queryset(self):
        return super().get_queryset().editable_by(self.request.user)


class ExerciseView(APIView):
    """One exercise: its outline for everybody; its author changes or deletes it."""

    permission_classes = [ReadOnly | IsAuthor]

    @extend_schema(responses=ExerciseDetailSerializer)
    def get(self, request, exercise_id):
        visible = Exercise.objects.visible_to(request.user).filter(pk=exercise_id)
        exercise = visible.with_outline().first()
        if exercise is None:
            raise ExerciseNotFoundError
        return Response(ExerciseDetailSerializer(exercise).data)

    @extend_schema(request=ExerciseInputSerializer, responses=ExerciseSerializer)
    def patch(self, request, exercise_id):
        own = _own_exercise(request, exercise_id)
        changes = _validated(ExerciseInputSerializer, request, partial=True)
        band_table = changes.pop("band_table", "")
        exercise = services.change_exercise(
            exercise_id=own.pk, changes=changes, band_table=band_table
        )
        return Response(ExerciseSerializer(exercise).data)

    @extend_schema(responses={204: None})
    def delete(self, request, exercise_id):
        services.delete_exercise(exercise_id=_own_exercise(request, exercise_id).pk)
        return Response(status=204)


class PublishView(APIView):
    """Give the draft to every attempt from now on; a second time changes nothing."""

    permission_classes = [IsAuthor]

    @extend_schema(request=None, responses=ExerciseSerializer)
    def post(self, request, exercise_id):
        own = _own_exercise(request, exercise_id)
        exercise = services.publish_exercise(exercise_id=own.pk)
        return Response(ExerciseSerializer(exercise).data)


class ArchiveView(APIView):
    """Take an exercise out of the lists; results stay."""

    permission_classes = [IsAuthor]

    @extend_schema(request=None, responses=ExerciseSerializer)
    def post(self, request, exercise_id):
        own = _own_exercise(request, exercise_id)
        exercise = services.archive_exercise(exercise_id=own.pk)
        return Response(ExerciseSerializer(exercise).data)


class SectionsView(APIView):
    """What an exercise asks, with its keys: the draft, or what is published."""

    permission_classes = [IsAuthor]

    @extend_schema(responses=AuthoredVersionSerializer)
    def get(self, request, exercise_id):
        own = _own_exercise(request, exercise_id)
        version = ExerciseVersion.objects.with_questions().newest_of(own)
        return Response(AuthoredVersionSerializer(version).data)

    @extend_schema(request=SectionSerializer, responses={201: SectionSerializer})
    def post(self, request, exercise_id):
        own = _own_exercise(request, exercise_id)
        section = services.add_section(
            exercise_id=own.pk, values=_validated(SectionSerializer, request)
        )
        return Response(SectionSerializer(section).data, status=201)


class SectionView(APIView):
    """One section of your own exercise."""

    permission_classes = [IsAuthor]

    @extend_schema(request=SectionSerializer, responses=SectionSerializer)
    def patch(self, request, section_id):
        section = _own_part(request, Section, section_id)
        return _changed(request, section, SectionSerializer)

    @extend_schema(responses={204: None})
    def delete(self, request, section_id):
        services.delete_part(part=_own_part(request, Section, section_id))
        return Response(status=204)


class GroupsView(APIView):
    """A new group of questions in a section."""

    permission_classes = [IsAuthor]

    @extend_schema(
        request=QuestionGroupSerializer, responses={201: QuestionGroupSerializer}
    )
    def post(self, request, section_id):
        group = services.add_group(
            section=_own_part(request, Section, section_id),
            values=_validated(QuestionGroupSerializer, request),
        )
        return Response(QuestionGroupSerializer(group).data, status=201)


class GroupView(APIView):
    """One group of questions of your own exercise."""

    permission_classes = [IsAuthor]

    @extend_schema(request=QuestionGroupSerializer, responses=QuestionGroupSerializer)
    def patch(self, request, section_id, group_id):
        group = _own_part(request, QuestionGroup, group_id, section=section_id)
        return _changed(request, group, QuestionGroupSerializer)

    @extend_schema(responses={204: None})
    def delete(self, request, section_id, group_id):
        group = _own_part(request, QuestionGroup, group_id, section=section_id)
        services.delete_part(part=group)
        return Response(status=204)


class QuestionsView(APIView):
    """A new question in one of the groups of a section."""

    permission_classes = [IsAuthor]

    @extend_schema(request=NewQuestionSerializer, responses={201: QuestionSerializer})
    def post(self, request, section_id):
        _own_part(request, Section, section_id)
        values = _validated(NewQuestionSerializer, request)
        group = _own_part(
            request, QuestionGroup, values.pop("group"), section=section_id
        )
        question = services.add_question(group=group, values=values)
        return Response(QuestionSerializer(question).data, status=201)


class QuestionView(APIView):
    """One question of your own exercise."""

    permission_classes = [IsAuthor]

    @extend_schema(request=QuestionSerializer, responses=QuestionSerializer)
    def patch(self, request, question_id):
        question = _own_part(request, Question, question_id)
        return _changed(request, question, QuestionSerializer)

    @extend_schema(responses={204: None})
    def delete(self, request, question_id):
        services.delete_part(part=_own_part(request, Question, question_id))
        return Response(status=204)


def _own_exercise(request, exercise_id):
    own = Exercise.objects.editable_by(request.user).filter(pk=exercise_id).first()
    if own is None:
        raise ExerciseNotFoundError
    return own


def _own_part(request, model, part_id, **place):
    own = model.objects.editable_by(request.user).filter(pk=part_id, **place).first()
    if own is None:
        raise PartNotFoundError
    return own


def _validated(serializer_class, request, **options):
    serializer = serializer_class(data=request.data, **options)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def _changed(request, part, serializer_class):
    changes = _validated(serializer_class, request, partial=True)
    part = services.change_part(part=part, changes=changes)
    return Response(serializer_class(part).data)
