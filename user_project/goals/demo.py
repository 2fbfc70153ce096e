"""What a demo learner wants to reach, so that a fresh platform has a goal to show."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from shared.demo import LAN, demo_evening
from shared.server.erased import is_erased

from .models import Goal
from .services import create_goal

# Three of her last lessons fall into it.
GOAL_EVENING = 3
GOAL = {
    "title": "Five lessons this week",
    "unit": Goal.Unit.LESSONS,
    "target": 5,
    "period": Goal.Period.WEEKLY,
}


@transaction.atomic
def ensure_demo_goal(*, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Set a demo learner's goal unless there is one; say whether it was set now."""
    if is_erased(LAN.id) or Goal.objects.filter(user_id=LAN.id).exists():
        return False
    began_at = demo_evening(GOAL_EVENING, now=clock())
    create_goal(user_id=LAN.id, values=GOAL, clock=lambda: began_at)
    return True
