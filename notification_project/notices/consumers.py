"""What the notices app does when auth or user-service tells of a person."""

from shared.contracts.events import (
    AchievementEarned,
    GoalCompleted,
    ProfileUpdated,
    StreakReached,
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
    UserRoleChanged,
)
from shared.inbox.consumers import consumes

from . import services


@consumes(UserRegistered)
def on_registered(event: UserRegistered) -> None:
    """Remember who reads."""
    services.learn_registration(event=event)


@consumes(UserRoleChanged)
def on_role_changed(event: UserRoleChanged) -> None:
    """Remember the role."""
    services.learn_role(event=event)


@consumes(ProfileUpdated)
def on_profile_updated(event: ProfileUpdated) -> None:
    """Remember name, language and zone."""
    services.learn_profile(event=event)


@consumes(UserDisabled)
def on_disabled(event: UserDisabled) -> None:
    """Mail nothing more."""
    services.learn_access(user_id=event.user_id, is_disabled=True, at=event.disabled_at)


@consumes(UserEnabled)
def on_enabled(event: UserEnabled) -> None:
    """Mail again."""
    services.learn_access(user_id=event.user_id, is_disabled=False, at=event.enabled_at)


@consumes(UserErased)
def on_erased(event: UserErased) -> None:
    """Forget the reader."""
    services.erase_reader(user_id=event.user_id)


@consumes(AchievementEarned)
def on_achievement_earned(event: AchievementEarned) -> None:
    """Congratulate the learner."""
    services.tell_achievement(event=event)


@consumes(GoalCompleted)
def on_goal_completed(event: GoalCompleted) -> None:
    """Congratulate the learner."""
    services.tell_goal(event=event)


@consumes(StreakReached)
def on_streak_reached(event: StreakReached) -> None:
    """Congratulate the learner."""
    services.tell_streak(event=event)
