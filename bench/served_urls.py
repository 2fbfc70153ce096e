"""The same endpoint by contract and as a DRF view."""

from django.urls import path
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.contracts.user import StatisticsUpdated, UpdateStatistics
from shared.server import health
from shared.server.serves import Caller, mount, serves
from shared.wire.endpoints import Endpoint

echo = Endpoint(
    peer="user",
    method="POST",
    template="/api/v1/user/internal/bench",
    request=UpdateStatistics,
    returns=StatisticsUpdated,
    callers=frozenset({"exercise"}),
    is_keyed=False,  # no database: only key, deadline, decode and encode
)


@serves(echo)
def by_contract(request: UpdateStatistics, caller: Caller) -> StatisticsUpdated:
    """Answer at once."""
    return StatisticsUpdated(success=True, message="counted")


class PracticeSerializer(serializers.Serializer):
    user_id = serializers.UUIDField()
    skill = serializers.ChoiceField(["listening", "reading", "writing", "speaking"])
    score_percent = serializers.FloatField(min_value=0, max_value=100)
    band = serializers.FloatField(
        min_value=0, max_value=9, required=False, allow_null=True
    )
    time_minutes = serializers.IntegerField(min_value=0, default=0)
    is_completed = serializers.BooleanField(default=True)
    occurred_at = serializers.DateTimeField(required=False, allow_null=True)


class AnswerSerializer(serializers.Serializer):
    success = serializers.BooleanField()
    message = serializers.CharField()


class ByRestFramework(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request):
        serializer = PracticeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        answer = {"success": True, "message": "counted"}
        return Response(AnswerSerializer(answer).data)


urlpatterns = [
    path("health/live", health.live),
    *mount(by_contract),
    path("api/v1/user/rest", ByRestFramework.as_view()),
]
