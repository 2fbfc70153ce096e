"""What people do with profiles."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import services
from .errors import ProfileNotFoundError
from .models import Profile
from .serializers import (
    PreferencesSerializer,
    ProfileChangesSerializer,
    ProfileSerializer,
    PublicProfileSerializer,
)


class OwnProfileView(APIView):
    """Your own profile; before auth's call has arrived, what your token says."""

    @extend_schema(responses=ProfileSerializer)
    def get(self, request):
        profile = Profile.objects.of_account(
            user_id=request.user.id, **_claims(request.user)
        )
        return Response(ProfileSerializer(profile).data)

    @extend_schema(request=ProfileChangesSerializer, responses=ProfileSerializer)
    def patch(self, request):
        changes = ProfileChangesSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        profile = services.update_profile(
            user_id=request.user.id,
            claims=_claims(request.user),
            changes=changes.validated_data,
        )
        return Response(ProfileSerializer(profile).data)


class PreferencesView(APIView):
    """Your language, zone, privacy and study reminders, of which the profile has
    some as well.
    """

    @extend_schema(responses=PreferencesSerializer)
    def get(self, request):
        profile = Profile.objects.of_account(
            user_id=request.user.id, **_claims(request.user)
        )
        return Response(PreferencesSerializer(profile).data)

    @extend_schema(request=PreferencesSerializer, responses=PreferencesSerializer)
    def patch(self, request):
        changes = PreferencesSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        profile = services.update_profile(
            user_id=request.user.id,
            claims=_claims(request.user),
            changes=changes.validated_data,
        )
        return Response(PreferencesSerializer(profile).data)


class PublicProfileView(APIView):
    """A person as others see them; a private profile is 404 to all but its owner."""

    @extend_schema(responses=PublicProfileSerializer)
    def get(self, request, user_id):
        visible = Profile.objects.visible_to(request.user)
        profile = visible.filter(user_id=user_id).first()
        if profile is None:
            raise ProfileNotFoundError
        return Response(PublicProfileSerializer(profile).data)


def _claims(user):
    return {"email": user.email, "role": user.role, "full_name": user.name}
