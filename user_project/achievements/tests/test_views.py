"""The catalogue of achievements, as learners read it."""

import pytest

from shared.contracts.user import UpdateProgress, UpdateStatistics
from shared.wire.ids import uuid7
from user_project.achievements.rules import RULES
from user_project.profiles.models import Profile
from user_project.progress import services

pytestmark = pytest.mark.django_db
URL = "/api/v1/user/achievements"


@pytest.fixture
def learner(client_for):
    """Return a signed-in client and its user id; nothing was done yet."""
    user_id = uuid7()
    return client_for(user_id), user_id


def study(user_id, **fields):
    services.add_progress(update=UpdateProgress(user_id=user_id, **fields))


def by_key(answer):
    return {entry["key"]: entry for entry in answer["results"]}


def test_the_whole_catalogue_is_shown_before_anything_was_earned(learner):
    client, _ = learner

    response = client.get(URL)

    assert response.status_code == 200
    answer = response.json()
    assert [entry["key"] for entry in answer["results"]] == [r.key for r in RULES]
    assert (answer["count"], answer["points"]) == (len(RULES), 0)
    assert all(
        entry["progress"] == 0 and entry["earned_at"] is None
        for entry in answer["results"]
    )


def test_progress_and_points_are_those_of_the_learner(learner):
    client, user_id = learner
    study(user_id, lessons_completed=12, study_minutes=90)
    study(uuid7(), lessons_completed=50)
    services.add_practice(
        update=UpdateStatistics(
            user_id=user_id, skill="reading", score_percent=70, band=6.5
        )
    )

    answer = client.get(URL).json()

    entries = by_key(answer)
    assert entries["lessons_10"]["earned_at"] is not None
    assert (
        entries["lessons_10"].items()
        >= {
            "title": "10 lessons",
            "measure": "lessons",
            "threshold": 10,
            "progress": 10,
            "points": 25,
        }.items()
    )
    assert entries["lessons_50"]["progress"] == 12
    assert entries["lessons_50"]["earned_at"] is None
    assert entries["band_7"]["progress"] == 6.5
    assert entries["hours_10"]["progress"] == 90
    assert answer["points"] == 10 + 25 + 100
    progress = client.get("/api/v1/user/progress").json()
    assert progress["points"] == answer["points"]


def test_titles_are_in_the_learners_language(learner):
    client, user_id = learner
    Profile.objects.create(user_id=user_id, email="lan@example.org", locale="vi")

    answer = client.get(URL).json()

    assert by_key(answer)["first_lesson"]["title"] == "Bài học đầu tiên"


def test_the_catalogue_takes_four_queries(learner, django_assert_num_queries):
    client, user_id = learner
    study(user_id, lessons_completed=60, exercises_completed=60, study_minutes=6000)
    client.get(URL)

    with django_assert_num_queries(4):
        client.get(URL)


def test_a_stranger_must_sign_in(client):
    assert client.get(URL).status_code == 401
