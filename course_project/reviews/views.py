"""Everybody reads reviews; learners write their own."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.response import Response
from rest_framework.views import APIView

from course_project.catalogue.errors import CourseNotFoundError
from course_project.catalogue.models import Course
from course_project.catalogue.services import may_see

from . import services
from .models import Review
from .serializers import ReviewChangesSerializer, ReviewSerializer


class CourseReviewsView(ListAPIView):
    """The reviews of a course, newest first; POST adds yours."""

    permission_classes = [IsAuthenticatedOrReadOnly]
    queryset = Review.objects.none()  # what the schema reads
    serializer_class = ReviewSerializer
    ordering_fields = ["created_at", "rating"]

    def get_queryset(self):
        return self._course().reviews.with_names()

    @extend_schema(request=ReviewChangesSerializer, responses={201: ReviewSerializer})
    def post(self, request, key):
        values = ReviewChangesSerializer(data=request.data)
        values.is_valid(raise_exception=True)
        review = services.write_review(
            user_id=request.user.id,
            course_id=self._course().pk,
            **values.validated_data,
        )
        return _review_response(review, status=201)

    def _course(self):
        course = Course.objects.known_as(self.kwargs["key"]).first()
        if course is None or not may_see(user=self.request.user, course=course):
            raise CourseNotFoundError
        return course


class ReviewView(APIView):
    """Change or take back your own review."""

    @extend_schema(request=ReviewChangesSerializer, responses=ReviewSerializer)
    def patch(self, request, review_id):
        changes = ReviewChangesSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        review = services.change_review(
            user_id=request.user.id,
            review_id=review_id,
            changes=changes.validated_data,
        )
        return _review_response(review)

    @extend_schema(responses={204: None})
    def delete(self, request, review_id):
        services.take_back_review(user_id=request.user.id, review_id=review_id)
        return Response(status=204)


def _review_response(review, *, status=200):
    shown = Review.objects.with_names().get(pk=review.pk)
    return Response(ReviewSerializer(shown).data, status=status)
