"""The dashboard through the public door, with peers that are real servers."""

import time

import pytest

from shared.contracts.user import UpdateProgress, UpdateStatistics
from shared.wire.ids import uuid7
from user_project.dashboard.services import PEERS_SECONDS
from user_project.profiles.models import Profile
from user_project.progress.services import add_practice, add_progress

pytestmark = pytest.mark.django_db
DASHBOARD = "/api/v1/user/dashboard"
PEERS = {
    "course": "current_courses",
    "exercise": "recent_attempts",
    "notification": "unread_notifications",
}
NOW = "2026-03-10T12:00:00Z"
COURSE = {
    "enrollment_id": str(uuid7()),
    "course_id": str(uuid7()),
    "slug": "scanning",
    "title": "Scanning",
    "skill": "reading",
    "level": "intermediate",
    "progress_percent": 50,
    "lessons_completed": 2,
    "lessons_total": 4,
    "next_lesson_id": str(uuid7()),
    "next_lesson_title": "Headings",
    "enrolled_at": NOW,
    "last_studied_at": None,
}
ATTEMPT = {
    "attempt_id": str(uuid7()),
    "exercise_id": str(uuid7()),
    "title": "Test 1",
    "skill": "listening",
    "kind": "full_test",
    "state": "graded",
    "started_at": NOW,
    "deadline_at": NOW,
    "finished_at": NOW,
    "raw_score": 30,
    "question_count": 40,
    "score_percent": 75.0,
    "band": 7.0,
    "estimated_band": None,
}
NOTICE = {
    "notification_id": str(uuid7()),
    "type": "exercise_graded",
    "category": "success",
    "created_at": NOW,
}
ANSWERS = {
    "course": {"current_courses": [COURSE], "courses_completed": 3},
    "exercise": {"recent_attempts": [ATTEMPT], "attempts_graded": 9},
    "notification": {"unread_count": 12, "latest_unread": [NOTICE]},
}


@pytest.fixture
def peers(faulty_peer):
    """Give the three peers by name; each answers well."""
    peers = {name: faulty_peer(name) for name in PEERS}
    for name, peer in peers.items():
        peer.answers(200, json=ANSWERS[name])
    return peers


@pytest.fixture
def learner(client_for):
    """Return a signed-in client and its user id."""
    user_id = uuid7()
    client = client_for(user_id, email="ana@example.com", name="Ana Silva")
    return client, user_id


def test_the_dashboard_is_one_call(learner, peers):
    client, user_id = learner
    Profile.objects.create(user_id=user_id, email="ana@example.com", role="student")
    progress = UpdateProgress(user_id=user_id, lessons_completed=2, study_minutes=30)
    add_progress(update=progress)
    practice = UpdateStatistics(user_id=user_id, skill="reading", score_percent=80)
    add_practice(update=practice)

    response = client.get(DASHBOARD)

    assert response.status_code == 200
    dashboard = response.json()
    assert dashboard["unavailable"] == []
    assert dashboard["profile"] == client.get("/api/v1/user/profile").json()
    assert dashboard["progress"] == client.get("/api/v1/user/progress").json()
    statistics = client.get("/api/v1/user/statistics").json()
    assert dashboard["statistics"] == statistics["results"]
    assert dashboard["current_courses"] == [COURSE]
    assert dashboard["courses_completed"] == 3
    assert dashboard["recent_attempts"] == [ATTEMPT]
    assert dashboard["attempts_graded"] == 9
    assert dashboard["unread_notifications"] == ANSWERS["notification"]


def test_a_newcomer_sees_what_the_token_says_and_zeros(learner, peers):
    client, user_id = learner

    dashboard = client.get(DASHBOARD).json()

    assert dashboard["profile"]["user_id"] == str(user_id)
    assert dashboard["profile"]["full_name"] == "Ana Silva"
    assert dashboard["progress"]["lessons_completed"] == 0
    assert len(dashboard["statistics"]) == 4
    assert not Profile.objects.exists()


def test_each_peer_is_asked_once_about_the_reader(learner, peers):
    client, user_id = learner

    client.get(DASHBOARD)

    for name, peer in peers.items():
        [request] = peer.requests
        assert request.target == f"/api/v1/{name}/internal/summary/{user_id}"
        assert request.headers["x-on-behalf-of"] == str(user_id)


@pytest.mark.parametrize("away", PEERS)
@pytest.mark.parametrize("fault", ["down", "hangs", "fails", "breaks the contract"])
def test_a_part_that_is_away_is_named_and_the_rest_is_served(
    learner, peers, away, fault
):
    client, _ = learner
    peer = peers[away]
    {
        "down": peer.down,
        "hangs": peer.hangs,
        "fails": lambda: peer.answers(500),
        "breaks the contract": lambda: peer.answers(200, json={"courses": "many"}),
    }[fault]()

    began = time.monotonic()
    response = client.get(DASHBOARD)

    assert time.monotonic() - began < 2 * PEERS_SECONDS
    assert response.status_code == 200
    dashboard = response.json()
    assert dashboard["unavailable"] == [PEERS[away]]
    expected = {
        "current_courses": [] if away == "course" else [COURSE],
        "courses_completed": None if away == "course" else 3,
        "recent_attempts": [] if away == "exercise" else [ATTEMPT],
        "attempts_graded": None if away == "exercise" else 9,
        "unread_notifications": (
            None if away == "notification" else ANSWERS["notification"]
        ),
    }
    assert {name: dashboard[name] for name in expected} == expected
    assert dashboard["profile"]["full_name"] == "Ana Silva"


def test_with_everything_away_there_is_still_what_is_ours(learner, peers):
    client, user_id = learner
    add_progress(update=UpdateProgress(user_id=user_id, lessons_completed=2))
    for peer in peers.values():
        peer.hangs()

    began = time.monotonic()
    response = client.get(DASHBOARD)

    assert time.monotonic() - began < 2 * PEERS_SECONDS
    assert response.status_code == 200
    assert response.json()["unavailable"] == list(PEERS.values())
    assert response.json()["progress"]["lessons_completed"] == 2


def test_the_dashboard_takes_three_queries(learner, peers, django_assert_num_queries):
    client, user_id = learner
    for skill in ("reading", "listening"):
        add_practice(
            update=UpdateStatistics(user_id=user_id, skill=skill, score_percent=1)
        )
    client.get(DASHBOARD)

    with django_assert_num_queries(3):
        client.get(DASHBOARD)


def test_a_stranger_must_sign_in(client, peers):
    assert client.get(DASHBOARD).status_code == 401
    assert [peer.requests for peer in peers.values()] == [[], [], []]
