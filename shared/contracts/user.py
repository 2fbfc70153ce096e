"""What user-service does for its peers: profiles, progress, statistics."""

from typing import Annotated
from uuid import UUID

import msgspec

from shared.wire.structs import (
    Band,
    Contract,
    Count,
    Email,
    Line,
    Moment,
    Percent,
    Role,
    Skill,
)

from .peer import Peer

user = Peer("user")


class CreateProfile(Contract, frozen=True):
    """A person has registered."""

    user_id: UUID
    email: Email
    role: Role
    full_name: Line = ""
    target_band: Band | None = None


class ProfileCreated(Contract, frozen=True):
    """The profile exists; ``created`` is false when it did before."""

    success: bool
    message: str
    user_id: UUID
    created: bool

    def http_status(self) -> int:
        """Return 201 for a new profile, 200 for one that was there."""
        return 201 if self.created else 200


create_profile = user.post(
    "/api/v1/user/internal/profile/create",
    CreateProfile,
    returns=ProfileCreated,
    callers={"auth"},
    ordered_by="user_id",
)


class UpdateProgress(Contract, frozen=True):
    """Add to what a learner has done; each count is an increment."""

    user_id: UUID
    lessons_completed: Count = 0
    exercises_completed: Count = 0
    study_minutes: Count = 0
    skill: Skill | None = None
    session_type: Line = ""
    resource_id: UUID | None = None
    resource_title: Line = ""
    score_percent: Percent | None = None
    occurred_at: Moment | None = None


class ProgressUpdated(Contract, frozen=True):
    """The increments are counted."""

    success: bool
    message: str


update_progress = user.put(
    "/api/v1/user/internal/progress/update",
    UpdateProgress,
    returns=ProgressUpdated,
    callers={"course", "exercise"},
    ordered_by="user_id",
)


class UpdateStatistics(Contract, frozen=True):
    """One practice of a skill; a score of 0 counts like any other."""

    user_id: UUID
    skill: Skill
    score_percent: Percent
    band: Band | None = None
    time_minutes: Count = 0
    is_completed: bool = True
    occurred_at: Moment | None = None


class StatisticsUpdated(Contract, frozen=True):
    """The practice is counted."""

    success: bool
    message: str


update_statistics = user.put(
    "/api/v1/user/internal/statistics/{skill}/update",
    UpdateStatistics,
    returns=StatisticsUpdated,
    callers={"exercise"},
    ordered_by="user_id",
)


class GetProfiles(Contract, frozen=True):
    """Up to 100 people; unknown ids are left out of the answer."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=100)]


class ProfileSummary(Contract, frozen=True):
    """What peers may know of a person."""

    user_id: UUID
    display_name: str
    locale: str
    timezone: str
    visibility: str


class Profiles(Contract, frozen=True):
    """The profiles that exist, in no order."""

    profiles: list[ProfileSummary]


get_profiles = user.get(
    "/api/v1/user/internal/profiles",
    GetProfiles,
    returns=Profiles,
    callers={"course", "exercise", "notification"},
)
