"""What learners do with study sessions."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .serializers import SessionStartSerializer, TimedSessionSerializer


class SessionsView(APIView):
    """Start a study session."""

    @extend_schema(
        request=SessionStartSerializer, responses={201: TimedSessionSerializer}
    )
    def post(self, request):
        about = SessionStartSerializer(data=request.data)
        about.is_valid(raise_exception=True)
        session = services.start_session(
            user_id=request.user.id, **about.validated_data
        )
        return Response(TimedSessionSerializer(session).data, status=201)


class HeartbeatView(APIView):
    """Say that the learner is at work; after two minutes of silence they are idle."""

    @extend_schema(request=None, responses=TimedSessionSerializer)
    def post(self, request, session_id):
        session = services.record_heartbeat(
            user_id=request.user.id, session_id=session_id
        )
        return Response(TimedSessionSerializer(session).data)


class SessionEndView(APIView):
    """End a session, any number of times; the first counts."""

    @extend_schema(request=None, responses=TimedSessionSerializer)
    def post(self, request, session_id):
        session = services.end_session(user_id=request.user.id, session_id=session_id)
        return Response(TimedSessionSerializer(session).data)
