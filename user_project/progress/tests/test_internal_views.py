"""What course and exercise-service report, through the internal door."""

from datetime import UTC, datetime

import pytest

from shared.contracts.user import (
    UpdateProgress,
    UpdateStatistics,
    update_progress,
    update_statistics,
)
from shared.wire.ids import uuid7
from user_project.profiles.models import Profile
from user_project.progress.models import Progress, SkillStatistic, StudySession

pytestmark = pytest.mark.django_db


def test_a_completed_lesson_is_counted_before_there_is_a_profile(call_internal):
    request = UpdateProgress(
        user_id=uuid7(),
        lessons_completed=1,
        study_minutes=20,
        session_type="lesson",
        resource_title="Linking words",
    )

    response = call_internal(update_progress, request, caller="course")

    assert response.status_code == 200
    assert response.json()["success"] is True
    assert not Profile.objects.exists()
    assert Progress.objects.get().lessons_completed == 1
    assert StudySession.objects.get().resource_title == "Linking words"


def test_the_same_key_counts_once(call_internal):
    request = UpdateProgress(user_id=uuid7(), lessons_completed=1)
    key = uuid7()

    for _ in range(3):
        response = call_internal(update_progress, request, caller="course", key=key)
        assert response.status_code == 200

    assert Progress.objects.get().lessons_completed == 1
    assert StudySession.objects.count() == 1


def test_a_score_of_zero_is_a_practice(call_internal):
    request = UpdateStatistics(user_id=uuid7(), skill="listening", score_percent=0)

    response = call_internal(update_statistics, request, caller="exercise")

    assert response.status_code == 200
    statistic = SkillStatistic.objects.get()
    assert (statistic.skill, statistic.practices) == ("listening", 1)
    assert statistic.average_percent == 0


def test_a_time_before_the_platform_is_a_definite_refusal(call_internal):
    request = UpdateProgress(
        user_id=uuid7(), lessons_completed=1, occurred_at=datetime(1, 1, 1, tzinfo=UTC)
    )

    response = call_internal(update_progress, request, caller="course")

    assert response.status_code == 422
    assert response.json()["code"] == "implausible_time"
    assert not Progress.objects.exists()


@pytest.mark.parametrize(
    ("endpoint", "request_", "caller"),
    [
        (update_progress, UpdateProgress(user_id=uuid7()), "auth"),
        (
            update_statistics,
            UpdateStatistics(user_id=uuid7(), skill="reading", score_percent=1),
            "course",
        ),
    ],
)
def test_a_peer_without_the_grant_is_refused(call_internal, endpoint, request_, caller):
    response = call_internal(endpoint, request_, caller=caller)

    assert response.status_code == 403
    assert response.json()["code"] == "caller_not_allowed"
