"""Streaks as they grow, and the facts that tell of them."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from shared.contracts.events import StreakReached
from shared.contracts.user import UpdateProgress, update_progress
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile
from user_project.progress import services
from user_project.progress.models import Progress, StreakMilestone, StudyDay

pytestmark = pytest.mark.django_db
DAY_1 = date(2026, 3, 1)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
HANOI = "Asia/Ho_Chi_Minh"  # UTC+7, without daylight saving time


def study(user_id, day):
    """Complete a lesson on a day, counted from 1."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)
    services.add_progress(
        update=UpdateProgress(user_id=user_id, lessons_completed=1, occurred_at=noon),
        clock=lambda: LATER,
    )


def told(user_id):
    """Return the lengths that were told, and the days on which they were reached."""
    rows = StreakMilestone.objects.filter(user_id=user_id)
    pairs = rows.order_by("reached_on").values_list("days", "reached_on")
    return [(days, (on - DAY_1).days + 1) for days, on in pairs]


def test_days_just_after_midnight_at_utc_7_make_streaks_of_1_2_and_1(
    call_internal, client_for
):
    user_id = uuid7()
    Profile.objects.create(user_id=user_id, email="lan@example.org", timezone=HANOI)
    today = timezone.now().astimezone(ZoneInfo(HANOI)).date()
    first_day = today - timedelta(days=5)
    seen = []
    for offset in (0, 1, 3):
        day = first_day + timedelta(days=offset)
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(HANOI))
        request = UpdateProgress(
            user_id=user_id,
            lessons_completed=1,
            occurred_at=midnight + timedelta(seconds=30),
        )
        assert call_internal(update_progress, request, caller="course").json()
        row = Progress.objects.get(user_id=user_id)
        seen.append((row.current_streak_days(day), row.longest_streak_days))

    shown = client_for(user_id).get("/api/v1/user/progress").json()

    assert seen == [(1, 1), (2, 2), (1, 2)]
    assert shown["current_streak_days"] == 0
    assert shown["longest_streak_days"] == 2
    assert shown["last_study_date"] == (first_day + timedelta(days=3)).isoformat()


def test_a_streak_is_told_at_seven_and_fourteen_days(assert_published):
    user_id = uuid7()

    for day in range(1, 16):
        study(user_id, day)
        study(user_id, day)

    assert told(user_id) == [(7, 7), (14, 14)]
    assert_published(StreakReached, days=7, reached_on=date(2026, 3, 7))
    assert_published(StreakReached, days=14, reached_on=date(2026, 3, 14))


def test_six_days_are_not_told(outbox):
    user_id = uuid7()
    for day in range(1, 7):
        study(user_id, day)

    assert told(user_id) == []
    assert not [row for row in outbox() if row.type == "streak.reached.v1"]


def test_another_streak_is_told_again():
    user_id = uuid7()

    for day in [*range(1, 8), *range(20, 27)]:
        study(user_id, day)

    assert told(user_id) == [(7, 7), (7, 26)]


def test_a_late_day_before_its_beginning_tells_a_streak_no_second_time():
    user_id = uuid7()
    for day in range(2, 9):
        study(user_id, day)

    study(user_id, 1)

    assert told(user_id) == [(7, 8)]


def test_a_late_day_that_joins_two_streaks_tells_what_they_are_together():
    user_id = uuid7()
    for day in [*range(1, 8), *range(9, 15)]:
        study(user_id, day)

    study(user_id, 8)

    assert told(user_id) == [(7, 7), (14, 14)]


def test_a_day_that_reaches_several_lengths_tells_the_longest(assert_published):
    user_id = uuid7()
    before = [DAY_1 + timedelta(days=number) for number in range(40)]
    StudyDay.objects.bulk_create(
        StudyDay(user_id=user_id, day=day, lessons_completed=1) for day in before
    )

    study(user_id, 41)
    study(user_id, 42)

    assert told(user_id) == [(7, 7), (14, 14), (30, 30)]
    assert assert_published(StreakReached).days == 30


def test_seven_days_in_any_order_are_told_once():
    for order in list(permutations(range(1, 8)))[::211]:
        user_id = uuid7()
        for day in order:
            study(user_id, day)

        assert told(user_id) == [(7, 7)]
