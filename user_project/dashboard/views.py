"""What a learner sees first."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .serializers import DashboardSerializer


class DashboardView(APIView):
    """All of the first page in one call; what is away is named in `unavailable`."""

    @extend_schema(responses=DashboardSerializer)
    def get(self, request):
        dashboard = services.read_dashboard(reader=request.user)
        context = {"today": dashboard.today}
        return Response(DashboardSerializer(dashboard, context=context).data)
