"""People's door to their sessions, and everybody's to the key set."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Session
from .serializers import (
    IssuedTokensSerializer,
    KeySetSerializer,
    RefreshTokenSerializer,
    SessionSerializer,
)
from .services import end_own_session, live_sessions_of, refresh_session, sign_out
from .signing_keys import published_keys


class RefreshView(APIView):
    """Exchange a refresh token for new tokens; it works once.

    A client that lost the answer may repeat the request within ten seconds. A token
    that is presented again later ends the session.
    """

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        request=RefreshTokenSerializer, responses={200: IssuedTokensSerializer}
    )
    def post(self, request):
        tokens = refresh_session(refresh_token=_read_refresh_token(request))
        return Response(IssuedTokensSerializer(tokens).data)


class LogoutView(APIView):
    """End the session of a refresh token; any number of times."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(request=RefreshTokenSerializer, responses={204: None})
    def post(self, request):
        sign_out(refresh_token=_read_refresh_token(request))
        return Response(status=204)


class SessionListView(ListAPIView):
    """The devices on which the person who asks is signed in."""

    queryset = Session.objects.none()  # what the schema reads
    serializer_class = SessionSerializer

    def get_queryset(self):
        return live_sessions_of(self.request.user.id)


class SessionView(APIView):
    """One device of the person who asks."""

    @extend_schema(responses={204: None})
    def delete(self, request, session_id):
        """End the session."""
        end_own_session(account_id=request.user.id, session_id=session_id)
        return Response(status=204)


class KeySetView(APIView):
    """The public keys with which access tokens can be verified."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(responses={200: KeySetSerializer})
    def get(self, request):
        return Response(
            {"keys": published_keys()}, headers={"Cache-Control": "public, max-age=60"}
        )


def _read_refresh_token(request):
    serializer = RefreshTokenSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data["refresh_token"]
