"""Study sessions through the public door."""

from datetime import timedelta

import pytest
from django.utils import timezone

from shared.wire.ids import uuid7
from user_project.sessions.models import StudyTime, TimedSession

pytestmark = pytest.mark.django_db
SESSIONS = "/api/v1/user/sessions"
HISTORY = "/api/v1/user/progress/history"


@pytest.fixture
def learner(client_for):
    """Return a signed-in client; nothing was studied yet."""
    return client_for(uuid7())


def start(client, **about):
    response = client.post(SESSIONS, about)
    assert response.status_code == 201, response.json()
    return response.json()


def pass_time(seconds):
    """Let time pass for all sessions: what happened was so much earlier."""
    for session in TimedSession.objects.all():
        for name in ("started_at", "stretch_started_at", "last_seen_at"):
            setattr(session, name, getattr(session, name) - timedelta(seconds=seconds))
        session.save()


def test_a_session_goes_from_start_to_end(learner):
    before = timezone.now()
    lesson_id = str(uuid7())
    session = start(
        learner, skill="reading", resource_id=lesson_id, resource_title="Scanning"
    )
    pass_time(70)
    beaten = learner.post(f"{SESSIONS}/{session['id']}/heartbeat")
    pass_time(20)
    ended = learner.post(f"{SESSIONS}/{session['id']}/end")

    assert TimedSession.objects.get().started_at > before - timedelta(seconds=90)
    assert {
        name: session[name]
        for name in ("state", "skill", "resource_id", "resource_title", "ended_at")
    } == {
        "state": "open",
        "skill": "reading",
        "resource_id": lesson_id,
        "resource_title": "Scanning",
        "ended_at": None,
    }
    assert (beaten.status_code, ended.status_code) == (200, 200)
    assert beaten.json()["study_minutes"] == 1
    assert ended.json()["state"] == "ended"
    assert 90 <= ended.json()["study_seconds"] < 120
    assert learner.post(f"{SESSIONS}/{session['id']}/end").json() == ended.json()
    assert learner.get("/api/v1/user/progress").json()["study_minutes"] == 1
    today = learner.get("/api/v1/user/progress/daily?days=1").json()["results"][0]
    assert today["study_minutes"] == 1


def test_the_history_shows_a_session_that_has_ended(learner):
    session = start(learner, skill="speaking", resource_title="Part 2")
    pass_time(65)

    learner.post(f"{SESSIONS}/{session['id']}/heartbeat")
    while_open = learner.get(HISTORY).json()["count"]
    learner.post(f"{SESSIONS}/{session['id']}/end")

    assert while_open == 0
    [entry] = learner.get(HISTORY).json()["results"]
    assert (entry["session_type"], entry["skill"]) == ("study", "speaking")
    assert (entry["resource_title"], entry["study_minutes"]) == ("Part 2", 1)


def test_a_session_may_be_about_nothing_in_particular(learner):
    session = start(learner)

    assert (session["skill"], session["resource_id"]) == (None, None)
    assert session["resource_title"] == ""


def test_what_a_client_says_about_time_is_not_believed(learner):
    lies = {
        "started_at": "2020-01-01T00:00:00Z",
        "study_seconds": 86_400,
        "study_minutes": 1_440,
        "counted": "10:00:00",
    }
    session = start(learner, **lies)

    learner.post(f"{SESSIONS}/{session['id']}/heartbeat", lies)
    ended = learner.post(f"{SESSIONS}/{session['id']}/end", lies).json()

    assert ended["started_at"] == session["started_at"] > "2026"
    assert ended["study_seconds"] < 60
    assert ended["study_minutes"] == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("skill", "singing"),
        ("skill", 1),
        ("resource_id", "lesson"),
        ("resource_id", 5),
        ("resource_title", "x" * 201),
        ("resource_title", "a\x07b"),
        ("resource_title", None),
    ],
)
def test_what_makes_no_sense_is_refused(learner, field, value):
    response = learner.post(SESSIONS, {field: value})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
    assert not TimedSession.objects.exists()
    assert not StudyTime.objects.exists()


@pytest.mark.parametrize("action", ["heartbeat", "end"])
def test_somebody_elses_session_is_not_found(learner, client_for, action):
    session = start(learner)

    stranger = client_for(uuid7()).post(f"{SESSIONS}/{session['id']}/{action}")
    unknown = learner.post(f"{SESSIONS}/{uuid7()}/{action}")

    assert (stranger.status_code, unknown.status_code) == (404, 404)
    assert stranger.json()["code"] == unknown.json()["code"] == "session_not_found"
    assert TimedSession.objects.get().is_open
    assert StudyTime.objects.count() == 1


def test_a_heartbeat_of_an_ended_session_is_a_conflict(learner):
    session = start(learner)
    learner.post(f"{SESSIONS}/{session['id']}/end")

    response = learner.post(f"{SESSIONS}/{session['id']}/heartbeat")

    assert response.status_code == 409
    assert response.json()["code"] == "session_ended"


@pytest.mark.parametrize(
    "path",
    ["", f"/{uuid7()}/heartbeat", f"/{uuid7()}/end"],
    ids=["start", "beat", "end"],
)
def test_a_stranger_must_sign_in(client, path):
    assert client.post(f"{SESSIONS}{path}").status_code == 401


def test_a_heartbeat_takes_as_many_queries_with_many_sessions(
    learner, django_assert_num_queries
):
    sessions = [start(learner) for _ in range(8)]
    for session in sessions:
        pass_time(1)
        learner.post(f"{SESSIONS}/{session['id']}/heartbeat")
    pass_time(1)

    # Savepoint, time, session, zone, other stretches, two writes, release.
    with django_assert_num_queries(8):
        learner.post(f"{SESSIONS}/{sessions[0]['id']}/heartbeat")
