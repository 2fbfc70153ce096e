"""What everybody reads of the catalogue, and what authors write into it."""

import django_filters
from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.server.permissions import HasRole, ReadOnly

from . import services
from .errors import CourseNotFoundError, LessonNotFoundError, UnknownModuleError
from .models import Course, Lesson, Module
from .serializers import (
    CourseChangesSerializer,
    CourseDetailSerializer,
    CourseSerializer,
    LessonChangesSerializer,
    LessonSerializer,
    ModuleChangesSerializer,
    ModuleSerializer,
    NewCourseSerializer,
    OrderSerializer,
)

AUTHORS = HasRole("instructor", "admin")
LONGEST_SEARCH = 100


class CourseFilter(django_filters.FilterSet):
    skill = django_filters.ChoiceFilter(choices=Course.Skill.choices)
    level = django_filters.ChoiceFilter(choices=Course.Level.choices)
    enrollment_type = django_filters.ChoiceFilter(choices=Course.EnrollmentType.choices)
    category = django_filters.CharFilter(max_length=60, lookup_expr="iexact")
    search = django_filters.CharFilter(
        max_length=LONGEST_SEARCH,
        method="filter_search",
        label="Part of title, summary, category or instructor's name.",
    )
    mine = django_filters.ChoiceFilter(
        choices=[("true", "Yes"), ("false", "No")],
        method="filter_mine",
        label="true: your own courses, drafts too; for instructors.",
    )

    class Meta:
        model = Course
        fields = []

    def filter_queryset(self, queryset):
        if not self.form.cleaned_data["mine"]:
            queryset = queryset.published()
        return super().filter_queryset(queryset)

    def filter_search(self, queryset, name, value):
        return queryset.containing(value)

    def filter_mine(self, queryset, name, value):
        if value == "true":
            return queryset.owned_by(self.request.user)
        return queryset.published()


class CourseListView(ListAPIView):
    """Published courses; with ``mine=true`` an instructor's own, in every state."""

    permission_classes = [ReadOnly | AUTHORS]
    queryset = Course.objects.as_listed()
    serializer_class = CourseSerializer
    filterset_class = CourseFilter
    ordering_fields = {
        "published_at": "published_at",
        "rating": "rating",
        "enrollments": "enrollments_count",
        "title": "title",
    }

    @extend_schema(request=NewCourseSerializer, responses={201: CourseDetailSerializer})
    def post(self, request):
        values = _read(NewCourseSerializer, request)
        course = services.create_course(
            instructor_id=request.user.id,
            instructor_name=request.user.name,
            slug=values.pop("slug", ""),
            values=values,
        )
        return _course_response(course.pk, request.user, status=201)


class CourseView(APIView):
    """A course by id or slug, with its modules and lessons."""

    permission_classes = [ReadOnly | AUTHORS]

    @extend_schema(responses=CourseDetailSerializer)
    def get(self, request, key):
        course = Course.objects.known_as(key).first()
        if course is None or not services.may_see(user=request.user, course=course):
            raise CourseNotFoundError
        return _course_response(course.pk, request.user)

    @extend_schema(request=CourseChangesSerializer, responses=CourseDetailSerializer)
    def patch(self, request, key):
        course = _own_course(request, key)
        services.update_course(
            course_id=course.pk,
            changes=_read(CourseChangesSerializer, request, partial=True),
        )
        return _course_response(course.pk, request.user)

    @extend_schema(responses={204: None})
    def delete(self, request, key):
        services.delete_course(course_id=_own_course(request, key).pk)
        return Response(status=204)


class PublishView(APIView):
    """Open a course to learners; it needs a published lesson."""

    permission_classes = [AUTHORS]

    @extend_schema(request=None, responses=CourseDetailSerializer)
    def post(self, request, key):
        services.publish_course(course_id=_own_course(request, key).pk)
        return _course_response(_own_course(request, key).pk, request.user)


class ArchiveView(APIView):
    """Close a course to new learners."""

    permission_classes = [AUTHORS]

    @extend_schema(request=None, responses=CourseDetailSerializer)
    def post(self, request, key):
        course = services.archive_course(course_id=_own_course(request, key).pk)
        return _course_response(course.pk, request.user)


class CourseModulesView(APIView):
    """Add a module to a course."""

    permission_classes = [AUTHORS]

    @extend_schema(request=ModuleChangesSerializer, responses={201: ModuleSerializer})
    def post(self, request, key):
        course = _own_course(request, key)
        module = services.add_module(
            course_id=course.pk, values=_read(ModuleChangesSerializer, request)
        )
        return Response(ModuleSerializer(module).data, status=201)


class ModuleOrderView(APIView):
    """Put the modules of a course in another order."""

    permission_classes = [AUTHORS]

    @extend_schema(request=OrderSerializer, responses=CourseDetailSerializer)
    def post(self, request, key):
        course = _own_course(request, key)
        services.reorder_modules(
            course_id=course.pk, ids=_read(OrderSerializer, request)["ids"]
        )
        return _course_response(course.pk, request.user)


class ModuleView(APIView):
    """Change or delete a module."""

    permission_classes = [AUTHORS]

    @extend_schema(request=ModuleChangesSerializer, responses=ModuleSerializer)
    def patch(self, request, module_id):
        module = services.update_module(
            module_id=_own_module(request, module_id).pk,
            changes=_read(ModuleChangesSerializer, request, partial=True),
        )
        return Response(ModuleSerializer(module).data)

    @extend_schema(responses={204: None})
    def delete(self, request, module_id):
        services.delete_module(module_id=_own_module(request, module_id).pk)
        return Response(status=204)


class ModuleLessonsView(APIView):
    """Add a lesson to a module."""

    permission_classes = [AUTHORS]

    @extend_schema(request=LessonChangesSerializer, responses={201: LessonSerializer})
    def post(self, request, module_id):
        module = _own_module(request, module_id)
        lesson = services.add_lesson(
            module_id=module.pk, values=_read(LessonChangesSerializer, request)
        )
        return Response(LessonSerializer(lesson).data, status=201)


class LessonOrderView(APIView):
    """Put the lessons of a module in another order."""

    permission_classes = [AUTHORS]

    @extend_schema(request=OrderSerializer, responses=CourseDetailSerializer)
    def post(self, request, module_id):
        module = _own_module(request, module_id)
        services.reorder_lessons(
            module_id=module.pk, ids=_read(OrderSerializer, request)["ids"]
        )
        return _course_response(module.course_id, request.user)


class LessonView(APIView):
    """Change or delete a lesson; enrollments adds how it is read, and the route."""

    permission_classes = [AUTHORS]

    @extend_schema(request=LessonChangesSerializer, responses=LessonSerializer)
    def patch(self, request, lesson_id):
        lesson = services.update_lesson(
            lesson_id=_own_lesson(request, lesson_id).pk,
            changes=_read(LessonChangesSerializer, request, partial=True),
        )
        return Response(LessonSerializer(lesson).data)

    @extend_schema(responses={204: None})
    def delete(self, request, lesson_id):
        services.delete_lesson(lesson_id=_own_lesson(request, lesson_id).pk)
        return Response(status=204)


def _read(serializer_class, request, *, partial=False):
    serializer = serializer_class(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def _own_course(request, key):
    course = Course.objects.owned_by(request.user).known_as(key).first()
    if course is None:
        raise CourseNotFoundError
    return course


def _own_module(request, module_id):
    module = Module.objects.owned_by(request.user).filter(pk=module_id).first()
    if module is None:
        raise UnknownModuleError
    return module


def _own_lesson(request, lesson_id):
    lesson = Lesson.objects.owned_by(request.user).filter(pk=lesson_id).first()
    if lesson is None:
        raise LessonNotFoundError
    return lesson


def _course_response(course_id, user, *, status=200):
    course = Course.objects.as_listed().get(pk=course_id)
    lessons = Lesson.objects.all()
    if not course.is_owned_by(user):
        lessons = lessons.published()
    course.shown_modules = course.modules.prefetch_related(
        Prefetch("lessons", queryset=lessons, to_attr="shown_lessons")
    )
    context = {"is_entitled": services.may_study(user=user, course=course)}
    data = CourseDetailSerializer(course, context=context).data
    return Response(data, status=status)
