"""People's door to codes: a forgotten password, an address to confirm."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from .serializers import (
    EmailVerificationSerializer,
    PasswordResetRequestSerializer,
    PasswordResetSerializer,
)
from .services import (
    request_email_verification,
    request_password_reset,
    reset_password,
    verify_email,
)


class PasswordResetView(APIView):
    """Have a code mailed; the answer is the same whether the address is known."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(request=PasswordResetRequestSerializer, responses={202: None})
    def post(self, request):
        request_password_reset(**_read(PasswordResetRequestSerializer, request))
        return Response(status=202)


class PasswordResetConfirmView(APIView):
    """Choose a new password with a mailed code; all devices are signed out."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(request=PasswordResetSerializer, responses={204: None})
    def post(self, request):
        reset_password(**_read(PasswordResetSerializer, request))
        return Response(status=204)


class EmailVerificationView(APIView):
    """Have a code mailed to the own address; nothing is sent once it is verified."""

    @extend_schema(request=None, responses={202: None})
    def post(self, request):
        request_email_verification(account_id=request.user.id)
        return Response(status=202)


class EmailVerificationConfirmView(APIView):
    """Confirm the own address with a mailed code."""

    @extend_schema(request=EmailVerificationSerializer, responses={204: None})
    def post(self, request):
        verify_email(
            account_id=request.user.id, **_read(EmailVerificationSerializer, request)
        )
        return Response(status=204)


def _read(serializer_class, request):
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
