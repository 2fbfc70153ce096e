"""What learners see of achievements."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from user_project.profiles.models import Profile

from .models import Achievement
from .serializers import AchievementsSerializer


class AchievementsView(APIView):
    """Everything that can be earned, and what was."""

    @extend_schema(
        operation_id="v1_user_achievements_list", responses=AchievementsSerializer
    )
    def get(self, request):
        entries = Achievement.objects.catalogue_for(request.user.id)
        answer = {
            "count": len(entries),
            "points": sum(entry.points for entry in entries if entry.earned_at),
            "results": entries,
        }
        context = {"locale": Profile.objects.locale_of(request.user.id)}
        return Response(AchievementsSerializer(answer, context=context).data)
