"""What this service makes of a learner's achievements, goals and streaks."""

from datetime import UTC, date, datetime

import pytest

from notification_project.notices import services
from notification_project.notices.models import Notice
from shared.contracts.events import AchievementEarned, GoalCompleted, StreakReached
from shared.wire.ids import uuid7

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def earned(user_id, achievement="streak_7"):
    return AchievementEarned(
        user_id=user_id, achievement=achievement, points=30, earned_at=NOON
    )


def completed(user_id, goal_id=None):
    return GoalCompleted(
        user_id=user_id,
        goal_id=goal_id or uuid7(),
        title="Five lessons",
        completed_at=NOON,
    )


def reached(user_id, reached_on=date(2026, 3, 10)):
    return StreakReached(user_id=user_id, days=7, reached_on=reached_on)


@pytest.mark.parametrize(
    ("make", "title", "title_in_vietnamese"),
    [
        (earned, "Achievement earned: 7 days in a row", "Thành tích mới"),
        (completed, "Goal completed: Five lessons", "Đã đạt mục tiêu: Five lessons"),
        (reached, "7 days in a row", "7 ngày liên tiếp"),
    ],
)
def test_a_fact_is_one_notice_however_often_it_arrives(
    deliver, make, title, title_in_vietnamese
):
    user_id = uuid7()
    fact = make(user_id)
    key = uuid7()

    answers = [deliver(fact, key=key), deliver(fact, key=key), deliver(fact)]

    assert [answer.status_code for answer in answers] == [200] * 3
    notice = Notice.objects.get()
    assert (notice.user_id, notice.type, notice.category) == (
        user_id,
        "achievement",
        "success",
    )
    assert notice.text("en").title == title
    assert notice.text("vi").title.startswith(title_in_vietnamese)
    assert notice.action == {"kind": "profile", "target": str(user_id)}


def test_the_learner_reads_how_many_points_there_are(deliver, client_for):
    user_id = uuid7()

    deliver(earned(user_id, "band_7"))

    [notice] = client_for(user_id).get("/api/v1/notifications").json()["results"]
    assert notice["title"] == "Achievement earned: Band 7"
    assert notice["message"].startswith("Well done! 30 points")


def test_an_achievement_of_a_newer_release_has_a_general_text(deliver):
    response = deliver(earned(uuid7(), "moon_landing"))

    assert response.status_code == 200
    assert Notice.objects.get().text("en").title == "Achievement earned"


def test_two_achievements_goals_and_streaks_are_two_notices_each(deliver):
    user_id = uuid7()
    for fact in (
        earned(user_id, "streak_7"),
        earned(user_id, "band_6"),
        completed(user_id),
        completed(user_id),
        reached(user_id),
        reached(user_id, date(2026, 6, 1)),
    ):
        assert deliver(fact).status_code == 200

    assert Notice.objects.count() == 6


@pytest.mark.parametrize("make", [earned, completed, reached])
def test_opting_out_is_a_success(deliver, make):
    user_id = uuid7()
    services.choose(user_id=user_id, choices={"achievement": {"in_app": False}})

    response = deliver(make(user_id))

    assert response.status_code == 200
    assert not Notice.objects.exists()


def test_only_user_service_may_tell_of_achievements(deliver):
    response = deliver(earned(uuid7()), publisher="course")

    assert response.status_code == 403
    assert not Notice.objects.exists()
