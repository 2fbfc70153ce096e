"""Give achievements, in the transaction of what they are for."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from shared.contracts.events import AchievementEarned, publish
from user_project.leaderboard.services import add_to_standings
from user_project.progress.models import Progress

from .models import Achievement
from .rules import Totals, met_rules


def earn_achievements(
    *,
    progress: Progress,
    totals: Totals,
    clock: Callable[[], datetime] = timezone.now,
) -> list[Achievement]:
    """Give what *totals* have reached and was not given before, with its points.

    Call it in the transaction that changes the totals, with the learner's *progress*
    locked, and save that. Totals only grow and know no order, so messages that are
    late, or come in another order, lead to the same achievements.
    """
    met = met_rules(totals)
    earned = Achievement.objects.filter(
        user_id=progress.user_id, key__in=[rule.key for rule in met]
    )
    known = set(earned.values_list("key", flat=True))
    now = clock()
    new = [
        Achievement(
            user_id=progress.user_id, key=rule.key, points=rule.points, earned_at=now
        )
        for rule in met
        if rule.key not in known
    ]
    points = sum(achievement.points for achievement in new)
    progress.points += points
    add_to_standings(
        user_id=progress.user_id, moment=now, increments={"points": points}
    )
    for achievement in new:
        achievement.save()
        publish(
            AchievementEarned(
                user_id=achievement.user_id,
                achievement=achievement.key,
                points=achievement.points,
                earned_at=achievement.earned_at,
            )
        )
    return new


def erase_achievements(*, user_id: UUID) -> None:
    """Delete what an erased person has earned."""
    Achievement.objects.filter(user_id=user_id).delete()
