"""What learners do with their goals."""

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from user_project.profiles.models import Profile
from user_project.profiles.zones import local_day

from . import services
from .errors import GoalNotFoundError
from .models import Goal
from .serializers import GoalChangesSerializer, GoalSerializer


class GoalFilter(django_filters.FilterSet):
    """``?status=active``, ``?unit=lessons``, ``?period=weekly``."""

    status = django_filters.ChoiceFilter(choices=Goal.State.choices)
    unit = django_filters.ChoiceFilter(choices=Goal.Unit.choices)
    period = django_filters.ChoiceFilter(choices=Goal.Period.choices)


class GoalListView(ListAPIView):
    """Your goals, newest first; POST sets one."""

    serializer_class = GoalSerializer
    filterset_class = GoalFilter
    ordering_fields = ["created_at", "ends_on"]
    queryset = Goal.objects.none()  # what the schema reads

    def get_queryset(self):
        return _own_goals(self.request)

    @extend_schema(request=GoalChangesSerializer, responses={201: GoalSerializer})
    def post(self, request):
        wanted = GoalChangesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        goal = services.create_goal(
            user_id=request.user.id, values=wanted.validated_data
        )
        return _goal_response(request, goal.pk, status=201)


class GoalView(APIView):
    """One of your goals; others' are 404."""

    @extend_schema(responses=GoalSerializer)
    def get(self, request, goal_id):
        return _goal_response(request, goal_id)

    @extend_schema(request=GoalChangesSerializer, responses=GoalSerializer)
    def patch(self, request, goal_id):
        changes = GoalChangesSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        services.change_goal(
            user_id=request.user.id, goal_id=goal_id, changes=changes.validated_data
        )
        return _goal_response(request, goal_id)

    @extend_schema(responses={204: None})
    def delete(self, request, goal_id):
        services.delete_goal(user_id=request.user.id, goal_id=goal_id)
        return Response(status=204)


def _own_goals(request):
    zone = Profile.objects.zone_of(request.user.id)
    today = local_day(timezone.now(), zone)
    return Goal.objects.of_learner(request.user.id).as_of(today)


def _goal_response(request, goal_id, *, status=200):
    goal = _own_goals(request).filter(pk=goal_id).first()
    if goal is None:
        raise GoalNotFoundError
    return Response(GoalSerializer(goal).data, status=status)
