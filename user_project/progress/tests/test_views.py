"""What learners read of their progress."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.contracts.user import UpdateProgress, UpdateStatistics
from shared.wire.ids import uuid7
from user_project.progress import services

pytestmark = pytest.mark.django_db
USER = "/api/v1/user"


@pytest.fixture
def learner(client_for):
    """Return a signed-in client and its user id; nothing was done yet."""
    user_id = uuid7()
    return client_for(user_id), user_id


def study(user_id, days_ago=0, **fields):
    occurred_at = timezone.now() - timedelta(days=days_ago)
    services.add_progress(
        update=UpdateProgress(user_id=user_id, occurred_at=occurred_at, **fields)
    )


def practise(user_id, skill, percent, minutes_ago=0, **fields):
    occurred_at = timezone.now() - timedelta(minutes=minutes_ago)
    services.add_practice(
        update=UpdateStatistics(
            user_id=user_id,
            skill=skill,
            score_percent=percent,
            occurred_at=occurred_at,
            **fields,
        )
    )


def test_before_anything_was_done_progress_is_zeros(learner):
    client, _ = learner

    response = client.get(f"{USER}/progress")

    assert response.status_code == 200
    assert response.json() == {
        "lessons_completed": 0,
        "exercises_completed": 0,
        "study_minutes": 0,
        "current_streak_days": 0,
        "longest_streak_days": 0,
        "points": 0,
        "last_study_date": None,
    }


def test_progress_shows_totals_and_streaks(learner):
    client, user_id = learner
    study(user_id, 1, lessons_completed=1, study_minutes=20)
    study(user_id, 0, exercises_completed=1, study_minutes=15)
    study(uuid7(), 0, lessons_completed=50)

    progress = client.get(f"{USER}/progress").json()

    assert progress["lessons_completed"] == 1
    assert progress["exercises_completed"] == 1
    assert progress["study_minutes"] == 35
    assert progress["current_streak_days"] == 2
    assert progress["longest_streak_days"] == 2


def test_a_streak_that_was_missed_reads_zero_but_stays_the_longest(learner):
    client, user_id = learner
    for days_ago in (5, 6, 7):
        study(user_id, days_ago, lessons_completed=1)

    progress = client.get(f"{USER}/progress").json()

    assert progress["current_streak_days"] == 0
    assert progress["longest_streak_days"] == 3


def test_the_history_is_latest_first_with_titles_and_pages(learner):
    client, user_id = learner
    for days_ago in (2, 0, 1):
        study(
            user_id,
            days_ago,
            lessons_completed=1,
            session_type="lesson",
            resource_title=f"{days_ago} days ago",
        )
    study(uuid7(), 0, lessons_completed=1)

    first = client.get(f"{USER}/progress/history?page_size=2").json()
    second = client.get(f"{USER}/progress/history?page_size=2&page=2").json()

    assert first["count"] == 3
    assert [item["resource_title"] for item in first["results"]] == [
        "0 days ago",
        "1 days ago",
    ]
    assert [item["resource_title"] for item in second["results"]] == ["2 days ago"]
    assert first["results"][0]["skill"] is None
    assert first["results"][0]["score_percent"] is None


def test_the_history_takes_two_queries_however_long_it_is(
    learner, django_assert_num_queries
):
    client, user_id = learner
    for _ in range(12):
        study(user_id, lessons_completed=1)
    client.get(f"{USER}/progress/history")

    with django_assert_num_queries(2):
        client.get(f"{USER}/progress/history")


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=101", "page=0", "page_size=x", "skill=reading"]
)
def test_the_history_refuses_parameters_it_does_not_know(learner, query):
    client, _ = learner

    response = client.get(f"{USER}/progress/history?{query}")

    assert response.status_code == 400


def test_days_include_those_without_study(learner):
    client, user_id = learner
    study(user_id, 3, lessons_completed=2, study_minutes=25)
    expected = (timezone.now() - timedelta(days=3)).date().isoformat()

    answer = client.get(f"{USER}/progress/daily").json()

    assert answer["count"] == len(answer["results"]) == 30
    assert answer["timezone"] == "UTC"
    by_date = {item["date"]: item for item in answer["results"]}
    assert list(by_date) == sorted(by_date)
    assert by_date[expected] == {
        "date": expected,
        "study_minutes": 25,
        "lessons_completed": 2,
        "exercises_completed": 0,
    }
    assert sum(item["study_minutes"] for item in answer["results"]) == 25


@pytest.mark.parametrize("days", ["0", "367", "-1", "ten", "", "1.5", "٣", "9999"])
def test_a_number_of_days_that_makes_no_sense_is_refused(learner, days):
    client, _ = learner

    response = client.get(f"{USER}/progress/daily", {"days": days})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "days"


def test_statistics_name_all_four_skills(learner, django_assert_num_queries):
    client, user_id = learner
    practise(user_id, "reading", 0, 2, time_minutes=10)
    practise(user_id, "reading", 75.5, 1, time_minutes=20, band=6.5)
    client.get(f"{USER}/statistics")

    with django_assert_num_queries(1):
        answer = client.get(f"{USER}/statistics").json()

    by_skill = {item["skill"]: item for item in answer["results"]}
    assert list(by_skill) == ["listening", "reading", "writing", "speaking"]
    reading = by_skill["reading"]
    assert reading.pop("last_practiced_at") is not None
    assert reading == {
        "skill": "reading",
        "practices": 2,
        "average_percent": 37.75,
        "best_percent": 75.5,
        "last_percent": 75.5,
        "minutes": 30,
        "trend": [0, 75.5],
        "estimated_band": 6.5,
    }
    assert by_skill["writing"]["practices"] == 0
    assert by_skill["writing"]["average_percent"] is None
    assert by_skill["writing"]["estimated_band"] is None


def test_one_skill_is_the_same_as_in_the_list(learner):
    client, user_id = learner
    practise(user_id, "speaking", 60)

    one = client.get(f"{USER}/statistics/speaking").json()

    assert one == client.get(f"{USER}/statistics").json()["results"][3]


def test_an_unknown_skill_is_not_found(learner):
    client, _ = learner

    response = client.get(f"{USER}/statistics/singing")

    assert response.status_code == 404
    assert response.json()["code"] == "unknown_skill"


@pytest.mark.parametrize(
    "path", ["progress", "progress/history", "progress/daily", "statistics"]
)
def test_a_stranger_must_sign_in(client, path):
    assert client.get(f"{USER}/{path}").status_code == 401
