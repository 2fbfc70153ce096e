"""What peers ask of profiles."""

from shared.contracts.user import (
    CreateProfile,
    GetProfiles,
    ProfileCreated,
    Profiles,
    ProfileSummary,
    create_profile,
    get_profiles,
)
from shared.server.serves import Caller, serves

from . import services
from .models import Profile


@serves(create_profile)
def create(request: CreateProfile, caller: Caller) -> ProfileCreated:
    profile, created = services.create_profile(
        user_id=request.user_id,
        email=request.email,
        role=request.role,
        full_name=request.full_name,
        target_band=request.target_band,
    )
    return ProfileCreated(
        success=True,
        message="Profile created." if created else "Profile exists.",
        user_id=profile.user_id,
        created=created,
    )


@serves(get_profiles)
def summaries(request: GetProfiles, caller: Caller) -> Profiles:
    found = Profile.objects.filter(user_id__in=request.ids)
    return Profiles(
        profiles=[
            ProfileSummary(user_id=profile.user_id, **profile.announced())
            for profile in found
        ]
    )
