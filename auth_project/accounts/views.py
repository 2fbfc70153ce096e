"""People's door to accounts."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from auth_project.sessions.devices import device_of
from shared.server.middleware import client_address

from .models import Account
from .serializers import (
    AccountSerializer,
    ErasureSerializer,
    InstructorApplicationInputSerializer,
    InstructorApplicationSerializer,
    PasswordChangeSerializer,
    RegistrationSerializer,
    SignedInSerializer,
    SignInSerializer,
)
from .services import (
    apply_to_teach,
    change_password,
    erase_own_account,
    get_own_account,
    sign_in,
    sign_up,
)


class RegisterView(APIView):
    """Make an account and sign in."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(request=RegistrationSerializer, responses={201: SignedInSerializer})
    def post(self, request):
        given = _read(RegistrationSerializer, request)
        signed_in = sign_up(
            email=given["email"],
            password=given["password"],
            full_name=given["full_name"],
            applies_to_teach=given["role"] == Account.Role.INSTRUCTOR,
            device=device_of(request),
        )
        return Response(SignedInSerializer(signed_in).data, status=201)


class LoginView(APIView):
    """Sign in with e-mail address and password."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(request=SignInSerializer, responses={200: SignedInSerializer})
    def post(self, request):
        given = _read(SignInSerializer, request)
        signed_in = sign_in(**given, device=device_of(request))
        return Response(SignedInSerializer(signed_in).data)


class MeView(APIView):
    """The account of the person who asks, as it is now."""

    @extend_schema(responses={200: AccountSerializer})
    def get(self, request):
        return Response(AccountSerializer(get_own_account(request.user.id)).data)


class ChangePasswordView(APIView):
    """Replace the password; other devices are signed out."""

    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    def post(self, request):
        change_password(
            **_read(PasswordChangeSerializer, request),
            account_id=request.user.id,
            session_id=getattr(request.user, "sid", None),
            address=client_address(request),
        )
        return Response(status=204)


class AccountView(APIView):
    """The own account, in every service."""

    body_of_delete = ErasureSerializer

    @extend_schema(responses={202: None})
    def delete(self, request):
        """Erase the account for good; the other services follow within a minute."""
        erase_own_account(
            **_read(ErasureSerializer, request),
            account_id=request.user.id,
            address=client_address(request),
        )
        return Response(status=202)


class InstructorApplicationsView(APIView):
    """Ask to become an instructor; an admin decides."""

    @extend_schema(
        request=InstructorApplicationInputSerializer,
        responses={201: InstructorApplicationSerializer},
    )
    def post(self, request):
        application = apply_to_teach(
            account_id=request.user.id,
            **_read(InstructorApplicationInputSerializer, request),
        )
        return Response(InstructorApplicationSerializer(application).data, status=201)


def _read(serializer_class, request):
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
