"""What learners read of their progress."""

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from user_project.profiles.models import Profile
from user_project.profiles.zones import local_day

from .errors import UnknownSkillError
from .models import Progress, Skill, SkillStatistic, StudyDay, StudySession
from .serializers import (
    ProgressSerializer,
    SkillStatisticSerializer,
    SkillStatisticsSerializer,
    StudyDaysSerializer,
    StudySessionSerializer,
)

MOST_DAYS = 366


class ProgressView(APIView):
    """Totals and streaks; zeros before there is anything to count."""

    @extend_schema(responses=ProgressSerializer)
    def get(self, request):
        progress = Progress.objects.of_learner(request.user.id)
        zone = Profile.objects.zone_of(request.user.id)
        context = {"today": local_day(timezone.now(), zone)}
        return Response(ProgressSerializer(progress, context=context).data)


class HistoryView(ListAPIView):
    """What the learner did, latest first."""

    serializer_class = StudySessionSerializer
    queryset = StudySession.objects.all()

    def get_queryset(self):
        return super().get_queryset().filter(user_id=self.request.user.id)


class DailyView(APIView):
    """Minutes and counts per calendar day, days without study included."""

    @extend_schema(
        parameters=[
            OpenApiParameter("days", OpenApiTypes.INT, description="1-366, default 30.")
        ],
        responses=StudyDaysSerializer,
    )
    def get(self, request):
        zone = Profile.objects.zone_of(request.user.id)
        series = StudyDay.objects.series(
            user_id=request.user.id,
            last_day=local_day(timezone.now(), zone),
            length=_read_days(request.query_params),
        )
        answer = {"count": len(series), "timezone": zone, "results": series}
        return Response(StudyDaysSerializer(answer).data)


class StatisticsView(APIView):
    """All four skills, also those that were never practised."""

    @extend_schema(
        operation_id="v1_user_statistics_list", responses=SkillStatisticsSerializer
    )
    def get(self, request):
        statistics = SkillStatistic.objects.of_learner(request.user.id)
        answer = {"count": len(statistics), "results": statistics}
        return Response(SkillStatisticsSerializer(answer).data)


class SkillView(APIView):
    """One skill."""

    @extend_schema(
        parameters=[
            OpenApiParameter("skill", location="path", enum=Skill.values),
        ],
        responses=SkillStatisticSerializer,
    )
    def get(self, request, skill):
        if skill not in Skill.values:
            raise UnknownSkillError
        for_skill = SkillStatistic.objects.filter(user_id=request.user.id, skill=skill)
        statistic = for_skill.first() or SkillStatistic(skill=skill)
        return Response(SkillStatisticSerializer(statistic).data)


def _read_days(query):
    unknown = set(query) - {"days"}
    if unknown:
        raise ValidationError(dict.fromkeys(unknown, "Unknown parameter."))
    text = query.get("days", "30")
    is_number = text.isascii() and text.isdigit() and len(text) <= 3
    if not is_number or not 1 <= int(text) <= MOST_DAYS:
        raise ValidationError({"days": f"This must be a number from 1 to {MOST_DAYS}."})
    return int(text)
