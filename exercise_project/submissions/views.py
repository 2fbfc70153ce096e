"""What learners hand in, and what instructors make of it."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.server.permissions import HasRole

from . import services
from .errors import SubmissionNotFoundError
from .models import Submission
from .serializers import MarkSerializer, NewSubmissionSerializer, SubmissionSerializer


class SubmissionFilter(django_filters.FilterSet):
    """``?state=submitted``, ``?skill=writing``, ``?course=<id>``."""

    state = django_filters.ChoiceFilter(choices=Submission.State.choices)
    skill = django_filters.ChoiceFilter(choices=Submission.Skill.choices)
    course = django_filters.UUIDFilter(field_name="course_id")


class SubmissionListView(ListAPIView):
    """Own submissions and those that you may mark, latest first."""

    serializer_class = SubmissionSerializer
    filterset_class = SubmissionFilter
    ordering_fields = ["submitted_at"]
    queryset = Submission.objects.all()

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)

    @extend_schema(
        request=NewSubmissionSerializer, responses={201: SubmissionSerializer}
    )
    def post(self, request):
        wanted = NewSubmissionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = dict(wanted.validated_data)
        submission = services.submit_work(
            user_id=request.user.id,
            course_id=values.pop("course_id", None),
            values=values,
        )
        return Response(SubmissionSerializer(submission).data, status=201)


class SubmissionView(APIView):
    """One submission, for its author and who may mark it."""

    @extend_schema(responses=SubmissionSerializer)
    def get(self, request, submission_id):
        visible = Submission.objects.visible_to(request.user)
        submission = visible.filter(pk=submission_id).first()
        if submission is None:
            raise SubmissionNotFoundError
        return Response(SubmissionSerializer(submission).data)


class MarkView(APIView):
    """Give the four bands and feedback, once."""

    permission_classes = [HasRole("instructor", "admin")]

    @extend_schema(request=MarkSerializer, responses=SubmissionSerializer)
    def post(self, request, submission_id):
        wanted = MarkSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        submission = services.mark_submission(
            marker=request.user, submission_id=submission_id, **wanted.validated_data
        )
        return Response(SubmissionSerializer(submission).data)
