"""What learners do with courses and lessons, and what authors see of it."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from course_project.catalogue import views as catalogue_views
from course_project.catalogue.errors import CourseNotFoundError
from course_project.catalogue.models import Course
from shared.server.permissions import HasRole, ReadOnly

from . import services
from .errors import EnrollmentNotFoundError
from .models import Enrollment
from .serializers import (
    CourseLearnerSerializer,
    EnrollmentSerializer,
    LessonProgressSerializer,
    OpenLessonSerializer,
    PositionSerializer,
)


class EnrollmentFilter(django_filters.FilterSet):
    """``?state=active``, ``?course=<id>``."""

    state = django_filters.ChoiceFilter(choices=Enrollment.State.choices)
    course = django_filters.UUIDFilter(field_name="course_id")


class LearnerFilter(django_filters.FilterSet):
    """``?state=active``."""

    state = django_filters.ChoiceFilter(choices=Enrollment.State.choices)


class EnrollView(APIView):
    """Take a course; whoever takes it already gets the same enrollment."""

    @extend_schema(
        request=None, responses={201: EnrollmentSerializer, 200: EnrollmentSerializer}
    )
    def post(self, request, key):
        enrollment, is_new = services.enroll(user_id=request.user.id, course_key=key)
        shown = _own_enrollment(request.user.id, enrollment.pk)
        return Response(EnrollmentSerializer(shown).data, status=201 if is_new else 200)


class EnrollmentListView(ListAPIView):
    """Own enrollments, the newest first."""

    serializer_class = EnrollmentSerializer
    filterset_class = EnrollmentFilter
    ordering_fields = ["enrolled_at", "last_studied_at"]
    queryset = Enrollment.objects.select_related("course").with_progress()

    def get_queryset(self):
        return super().get_queryset().of_learner(self.request.user.id)


class EnrollmentView(APIView):
    """One own enrollment."""

    @extend_schema(responses=EnrollmentSerializer)
    def get(self, request, enrollment_id):
        enrollment = _own_enrollment(request.user.id, enrollment_id)
        return Response(EnrollmentSerializer(enrollment).data)

    @extend_schema(responses={204: None})
    def delete(self, request, enrollment_id):
        """Leave the course; what was completed stays."""
        services.drop_enrollment(user_id=request.user.id, enrollment_id=enrollment_id)
        return Response(status=204)


class LessonView(catalogue_views.LessonView):
    """A lesson to study, and for its author to change or delete."""

    permission_classes = [(IsAuthenticated & ReadOnly) | HasRole("instructor", "admin")]

    @extend_schema(responses=OpenLessonSerializer)
    def get(self, request, lesson_id):
        lesson, progress = services.open_lesson(
            reader=request.user, lesson_id=lesson_id
        )
        shown = OpenLessonSerializer(lesson, context={"progress": progress})
        return Response(shown.data)


class LessonPositionView(APIView):
    """How far into a lesson the learner is; it only grows."""

    @extend_schema(request=PositionSerializer, responses=LessonProgressSerializer)
    def put(self, request, lesson_id):
        wanted = PositionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        progress = services.save_position(
            user_id=request.user.id, lesson_id=lesson_id, **wanted.validated_data
        )
        return Response(LessonProgressSerializer(progress).data)


class LessonCompleteView(APIView):
    """Complete a lesson, any number of times; it counts once."""

    @extend_schema(request=None, responses=LessonProgressSerializer)
    def post(self, request, lesson_id):
        progress = services.complete_lesson(
            user_id=request.user.id, lesson_id=lesson_id, name=request.user.name
        )
        return Response(LessonProgressSerializer(progress).data)


class CourseLearnersView(ListAPIView):
    """Who takes a course of one's own, and how far they are."""

    permission_classes = [HasRole("instructor", "admin")]
    serializer_class = CourseLearnerSerializer
    filterset_class = LearnerFilter
    ordering_fields = ["enrolled_at", "last_studied_at"]
    queryset = Enrollment.objects.with_progress().with_names()

    def get_queryset(self):
        own = Course.objects.owned_by(self.request.user)
        course = own.known_as(self.kwargs["key"]).first()
        if course is None:
            raise CourseNotFoundError
        return super().get_queryset().filter(course=course)


def _own_enrollment(user_id, enrollment_id):
    own = Enrollment.objects.select_related("course").with_progress()
    enrollment = own.of_learner(user_id).filter(pk=enrollment_id).first()
    if enrollment is None:
        raise EnrollmentNotFoundError
    return enrollment
