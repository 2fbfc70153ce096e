"""What admins tell many people at once."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from shared.server.permissions import HasRole

from . import services
from .errors import BroadcastNotFoundError
from .models import Broadcast
from .serializers import BroadcastSerializer, NewBroadcastSerializer


class BroadcastFilter(django_filters.FilterSet):
    """``?state=sending``."""

    state = django_filters.ChoiceFilter(choices=Broadcast.State.choices)


class BroadcastListView(ListAPIView):
    """All broadcasts, newest first."""

    permission_classes = [HasRole("admin")]
    serializer_class = BroadcastSerializer
    filterset_class = BroadcastFilter
    queryset = Broadcast.objects.all()

    @extend_schema(request=NewBroadcastSerializer, responses={202: BroadcastSerializer})
    def post(self, request):
        """Tell everybody, a role or the learners of a course; the worker sends it.

        Each person is told once, those who do not want the type are not. Of a course
        those are told whose enrolment this service has heard of.
        """
        wanted = NewBroadcastSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        broadcast = services.create_broadcast(
            created_by=request.user.id, values=wanted.validated_data
        )
        return Response(BroadcastSerializer(broadcast).data, status=202)


class BroadcastView(APIView):
    """One broadcast and how far it is."""

    permission_classes = [HasRole("admin")]

    @extend_schema(responses=BroadcastSerializer)
    def get(self, request, broadcast_id):
        broadcast = Broadcast.objects.filter(pk=broadcast_id).first()
        if broadcast is None:
            raise BroadcastNotFoundError
        return Response(BroadcastSerializer(broadcast).data)
